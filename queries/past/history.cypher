// A page of what commits changed: the commits with their entries, the pieces they spoke of and those around, since when it is known, what its columns carried, the decisions that may stand behind.
UNWIND [COLLECT { {commits} ORDER BY h_c {down} LIMIT {rows} }] AS h_cs
RETURN [
  COLLECT {
    UNWIND h_cs AS h_c
    MATCH (h_m:Commit {sequence: h_c})
    RETURN [h_c, h_m.at, {entry}, {columns}] ORDER BY h_c {down}
  },
  COLLECT {
    {pieces} AND any(h_i IN h_cs WHERE h_x.recorded <= h_i AND h_i <= h_x.superseded)
    RETURN properties(h_x)
  },
  head(COLLECT { {pieces} RETURN h_x.recorded ORDER BY h_x.recorded LIMIT 1 }),
  {carried},
  {decisions}
]
