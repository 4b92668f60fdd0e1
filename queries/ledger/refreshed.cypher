// Notes that the copies on identities are right again.
MATCH (l:Ledger)
REMOVE l.stale
RETURN 1 AS answer
