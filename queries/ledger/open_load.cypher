// Keeps other writers out while a load is written in several transactions; nothing of it is seen until it is published.
MATCH (l:Ledger)
SET l.openFirst = $first, l.openBy = $by, l.openToken = $token, l.openSince = datetime(),
    l.openBatch = $batch, l.openNow = $now, l.openRecorded = $recorded
RETURN 1 AS answer
