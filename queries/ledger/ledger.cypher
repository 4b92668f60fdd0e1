// Where the ledger stands.
MATCH (l:Ledger) RETURN properties(l) AS answer
