// Commits that spoke of some ids, newest first.
CALL (k, known) {
  UNWIND $ids AS h_id
  UNWIND {each} AS h_one
  UNWIND [h_one[0].recorded, h_one[0].superseded] AS h_commit
  WITH DISTINCT h_id, h_one[1] AS h_source, h_one[2] AS h_target, h_commit WHERE {published(h_commit)}
  CALL (h_commit) {
    MATCH (h_w:AuditEvent) WHERE h_w.last >= h_commit
    RETURN h_w ORDER BY h_w.last LIMIT 1
  }
  WITH h_id, h_source, h_target, h_commit, h_w WHERE {entries}
  RETURN collect([[h_commit, h_id], h_commit, h_id, h_source, h_target]) AS h_every
}
CALL (h_every) {
  UNWIND h_every AS h_row
  WITH h_row WHERE h_row[1] < $entry OR (h_row[1] = $entry AND h_row[2] > $place)
  WITH h_row ORDER BY h_row[1] DESC, h_row[2] LIMIT $rows
  RETURN collect(h_row) AS h_rows
}
WITH *, null AS h_end, size(h_every) AS h_total
