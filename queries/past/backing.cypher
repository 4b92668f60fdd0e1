// Ids of decisions to which the thing was ever linked.
COLLECT {
  MATCH (h_thing){before}-[h_r:{types}]-{after}(h_o:Decision) WHERE {spoken(h_r)} AND {visible(h_thing)} AND {visible(h_o)}
  RETURN h_o.id
}
