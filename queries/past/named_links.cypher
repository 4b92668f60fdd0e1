// The pieces of the link of a type that has an id, with its source and target.
COLLECT {
  MATCH (h_a:Identity)-[h_x:{type} {id: h_id}]->(h_b:Identity) WHERE {spoken(h_x)} AND {visible(h_a)} AND {visible(h_b)}
  RETURN [h_x, {from}, {to}]
}
