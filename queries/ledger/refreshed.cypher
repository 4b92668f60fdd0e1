// Notes that the copies on identities are right again, unless others became stale meanwhile.
MATCH (l:Ledger) WHERE l.stale = $stale
REMOVE l.stale
RETURN 1 AS answer
