// Takes an open load from whoever holds it, if it was silent for long enough; answers its first commit.
MATCH (l:Ledger)
SET l.lock = true
REMOVE l.lock
WITH l WHERE l.openToken = $token AND l.openSince + duration({milliseconds: $silent}) <= datetime()
SET l.openToken = $mine, l.openSince = datetime()
RETURN l.openFirst AS answer
