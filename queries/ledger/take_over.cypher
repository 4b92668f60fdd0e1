// Takes an open load from whoever holds it, if it was silent for long enough; answers the ledger. One that is to be undone is no longer anybody's to go on with.
MATCH (l:Ledger)
SET l.lock = true
REMOVE l.lock
WITH l WHERE l.openToken = $token AND l.openSince + duration({milliseconds: $silent}) <= datetime()
SET l.openToken = $mine, l.openSince = datetime(), l.openBatch = CASE WHEN $undo THEN null ELSE l.openBatch END
RETURN l {.*} AS answer
