// Adds pieces of links of one type between identities; answers how many found both their ends. Instants stand in a table of their own.
UNWIND $rows AS row
MATCH (a:Identity {id: row[0]})
MATCH (b:Identity {id: row[1]})
CREATE (a)-[r:{type}]->(b)
WITH r, row[2] AS s
SET r = s {.*, validFrom: $times[s.validFrom], validTo: $times[s.validTo]}
RETURN count(r) AS answer
