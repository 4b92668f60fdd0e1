// A change of a link that says whom it is for: the commit spoke of it to the viewer.
(NOT split(h_id, ':')[0] IN $grouped OR EXISTS {
  MATCH (h_a:Identity {id: h_source})-[h_r]-(h_b:Identity {id: h_target})
  WHERE {spoken(h_r)} AND {visible(h_a)} AND {visible(h_b)} AND h_r.id = h_id AND (h_r.recorded = h_commit OR h_r.superseded = h_commit)
  RETURN h_r
})
