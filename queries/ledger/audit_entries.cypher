// Entries of the audit in their order, each with the commits that it speaks of.
MATCH (a:AuditEvent) WHERE $after < a.sequence AND a.sequence <= $last
WITH a ORDER BY a.sequence LIMIT $count
RETURN collect([a {.*}, COLLECT {
  MATCH (c:Commit) WHERE a.first <= c.sequence AND c.sequence <= a.last
  WITH c ORDER BY c.sequence RETURN [c.sequence, c.at, c.run] }]) AS answer
