// Reserves commits for a load in several transactions; nothing of it is seen until it is published.
MATCH (l:Ledger)
SET l.openFirst = $first, l.openLast = $last, l.openBy = $by, l.openSince = $at
RETURN 1 AS answer
