// The pieces of whatever has some id: of a thing, or of a link between two ends.
UNWIND [COLLECT { {pieces} RETURN h_x } + COLLECT {
  MATCH (h_a:Identity {id: h_source})-[h_r]-(h_b:Identity {id: h_target}) WHERE {spoken(h_r)} AND {visible(h_a)} AND {visible(h_b)} AND h_r.id = h_id
  RETURN h_r
}] AS h_xs
