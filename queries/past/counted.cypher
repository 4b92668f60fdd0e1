// How many leaves there are in all.
CALL (k, known) {
  MATCH (h_w:AuditEvent) WHERE {entries}
  MATCH (h_p:AuditPart {entry: h_w.sequence})
  UNWIND range(0, size(h_p.leaves) - 1) AS h_i
  WITH h_p.leaves[h_i] AS h_leaf WHERE {told(h_leaf)} AND {kinds}
  WITH {commit} AS h_commit, {id} AS h_id, {source} AS h_source, {target} AS h_target
  WHERE {published(h_commit)} AND {for_visible}
  RETURN count(*) AS h_total
}
