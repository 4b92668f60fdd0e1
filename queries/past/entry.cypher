// What the audit entry that holds commit `h_c` says.
head(COLLECT {
  MATCH (h_w:AuditEvent) WHERE h_w.last >= h_c
  RETURN [h_w.sequence, h_w.at, h_w.actor, h_w.reason, h_w.hash] ORDER BY h_w.last LIMIT 1
})
