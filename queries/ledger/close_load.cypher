// Ends a load that changed nothing, or one that was undone.
MATCH (l:Ledger)
REMOVE l.openFirst, l.openLast, l.openBy, l.openSince, l.lock
RETURN count(l) AS answer
