// Says that a load is alive and how far it has come, with the ledger locked; answers 0 where the load was taken back meanwhile.
MATCH (l:Ledger)
SET l.lock = true
REMOVE l.lock
WITH l WHERE l.openToken = $token
SET l.openSince = datetime(), l += $noted
RETURN count(l) AS answer
