// A page of what commits changed, with their entries; the pieces they spoke of and those around, since when it is known, what its columns carried, the decisions that may stand behind.
{found}
UNWIND [{chosen}] AS h_cs
RETURN [
  COLLECT {
    UNWIND h_cs AS h_c
    MATCH (h_m:Commit {sequence: h_c})
    RETURN [h_c, h_m.at, {entry}, {columns}] ORDER BY h_c {down}
  },
  [h_x IN h_xs WHERE any(h_i IN h_cs WHERE h_x.recorded <= h_i AND h_i <= h_x.superseded) | properties(h_x)],
  reduce(h_i = {open}, h_x IN h_xs | CASE WHEN h_x.recorded < h_i THEN h_x.recorded ELSE h_i END),
  {carried},
  {decisions}
]
