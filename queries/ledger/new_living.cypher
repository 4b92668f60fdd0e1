// Adds things of one kind of which nothing is believed, with one state, which is in force: most rows of most loads.
UNWIND $rows AS row
WITH row {.*, validFrom: $times[row.validFrom], validTo: $times[row.validTo]} AS s
MERGE (e:Identity {id: s.id})
ON CREATE SET e:{kind}
CREATE (e)-[:STATE]->(x:{kind}State:{kind}Live)
SET e = s, x = s
RETURN count(e) AS answer
