// Leaves of audit entries, newest first, a bounded number of parts at a time; where reading stopped, if more may follow. Order of the parts is kept while they are unwound, so that reading ends with the page.
CALL (k, known) {
  MATCH (h_w:AuditEvent) WHERE h_w.sequence <= $entry AND {entries}
  WITH h_w ORDER BY h_w.sequence DESC LIMIT $parts
  MATCH (h_p:AuditPart {entry: h_w.sequence}) WHERE h_w.sequence < $entry OR h_p.place < $place
  WITH h_w, h_p ORDER BY h_w.sequence DESC, h_p.place DESC LIMIT $parts
  RETURN collect([h_w, h_p]) AS h_parts
}
CALL (h_parts, k, known) {
  UNWIND h_parts AS h_pair
  WITH h_pair[0] AS h_w, h_pair[1] AS h_p
  UNWIND range(size(h_p.leaves) - 1, 0, -1) AS h_i
  WITH h_w, h_p.place + h_i AS h_place, h_p.leaves[h_i] AS h_leaf
  WHERE (h_w.sequence < $entry OR h_place < $place) AND {told(h_leaf)} AND {kinds}
  WITH h_w, h_place, {commit} AS h_commit, {id} AS h_id, {source} AS h_source, {target} AS h_target
  WHERE {published(h_commit)} AND {for_visible}
  WITH h_w, h_place, h_commit, h_id, {named_source} AS h_source, {named_target} AS h_target LIMIT $rows
  WITH h_w, h_place, h_commit, h_source, h_target, {named_id} AS h_id
  RETURN collect([[h_w.sequence, h_place], h_commit, h_id, h_source, h_target]) AS h_rows
}
WITH *, CASE WHEN size(h_parts) = $parts THEN [last(h_parts)[0].sequence, last(h_parts)[1].place] END AS h_end
