// Entries of the audit in their order, each with the commits that it speaks of. Its bounds stand in variables: of two properties the index would serve but one.
MATCH (a:AuditEvent) WHERE $after < a.sequence AND a.sequence <= $last
WITH a ORDER BY a.sequence LIMIT $count
WITH a, a.first AS first, a.last AS last
RETURN collect([a {.*}, COLLECT {
  MATCH (c:Commit) WHERE first <= c.sequence AND c.sequence <= last
  WITH c ORDER BY c.sequence RETURN [c.sequence, c.at, c.run] }]) AS answer
