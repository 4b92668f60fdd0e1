// The link that has some id, in force, between its ends.
head(COLLECT {
  MATCH (h_a:Identity {id: h_source})-[h_r]-(h_b:Identity {id: h_target}) WHERE {spoken(h_r)} AND {visible(h_a)} AND {visible(h_b)} AND {held} AND h_r.id = h_id
  WITH h_a, h_b, h_r, {a} AS h_sa, {b} AS h_sb WHERE h_sa IS NOT NULL AND h_sb IS NOT NULL
  RETURN {told}
})
