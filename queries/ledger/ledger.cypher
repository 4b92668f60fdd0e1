// Where the ledger stands, and for how many milliseconds the load that is open, if any, has been silent.
MATCH (l:Ledger)
RETURN l {.*, silent: duration.inSeconds(l.openSince, datetime()).milliseconds} AS answer
