// How many changes entries hold in all.
CALL () {
  MATCH (h_w:AuditEvent) WHERE {entries}
  RETURN coalesce(sum(h_w.count), 0) AS h_total
}
