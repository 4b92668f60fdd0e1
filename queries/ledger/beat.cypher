// Says that the load at work is alive; fails to match when it was taken for abandoned.
MATCH (l:Ledger {openFirst: $first})
SET l.openSince = $at
RETURN count(l) AS answer
