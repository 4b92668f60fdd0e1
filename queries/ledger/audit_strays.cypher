// What speaks for itself beside the chain: entries, commits and leaves beyond what is published.
MATCH (l:Ledger)
RETURN {
  entries: COUNT { MATCH (a:AuditEvent) WHERE a.sequence IS NULL OR a.sequence > l.entries },
  commits: COUNT { MATCH (c:Commit) WHERE c.sequence IS NULL OR c.sequence > l.published }
} AS answer
