// Notes that live labels and copies are right again.
MATCH (l:Ledger)
REMOVE l.unswept
RETURN 1 AS answer
