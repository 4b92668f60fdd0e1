// The name behind a pseudonym of the audit, where it is still known.
coalesce(head(COLLECT { MATCH (h_q:Pseudonym {alias: {veiled}}) RETURN h_q.id }), {veiled})
