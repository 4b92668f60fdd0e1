// Locks the ledger, so that commits are numbered one writer after the other, and reads where it stands.
MATCH (l:Ledger)
SET l.lock = true
REMOVE l.lock
RETURN l {.*} AS answer
