// The one node that says what is published and where the audit chain ends.
MERGE (l:Ledger {key: 'ledger'})
ON CREATE SET l.last = 0, l.published = 0, l.runs = [], l.entries = 0, l.head = $genesis,
  l.boundaries = $boundaries, l.boundariesUntil = $boundariesUntil,
  l.boundariesHead = $genesis
SET l.version = $version, l.declared = $declared
RETURN properties(l) AS answer
