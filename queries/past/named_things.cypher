// The pieces of the thing that has an id.
COLLECT {
  MATCH (h_e:Identity {id: h_id})-[h_l:STATE|ERASED]->(h_x) WHERE {heard(h_x)} AND {visible(h_e)}
  RETURN [h_x, null, null]
}
