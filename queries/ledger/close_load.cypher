// Ends a load that changed nothing, or one that was undone.
MATCH (l:Ledger)
REMOVE l.openFirst, l.openBy, l.openToken, l.openSince, l.openBatch, l.openNow, l.openRecorded,
  l.openDone, l.openOutcome
RETURN 1 AS answer
