// The id behind a veiled one: of a link at a veiled end, that of the one link of its type that the commit spoke of.
CASE
  WHEN NOT h_id CONTAINS ':~' THEN h_id
  WHEN h_source IS NULL THEN {unveiled}
  ELSE coalesce(head(COLLECT {
    MATCH (h_a:Identity {id: h_source})-[h_r]-(h_b:Identity {id: h_target})
    WHERE {spoken(h_r)} AND {visible(h_a)} AND {visible(h_b)} AND (h_r.recorded = h_commit OR h_r.superseded = h_commit)
      AND split(h_r.id, ':')[0] = split(h_id, ':')[0]
    RETURN h_r.id LIMIT 1
  }), h_id)
END
