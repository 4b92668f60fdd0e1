// Links that a column of the table of the thing carries, as they were believed around the commits `h_cs`.
COLLECT {
  MATCH (h_thing){before}-[h_r:{types}]-{after}(h_o:Identity) WHERE {spoken(h_r)} AND {visible(h_thing)} AND {visible(h_o)}
    AND any(h_i IN h_cs WHERE h_r.recorded <= h_i AND h_i <= h_r.superseded)
  RETURN [type(h_r), {away}, h_o.id, properties(h_r)]
}
