// Adds pieces of links between identities. Instants stand in a table of their own, as each is said often.
UNWIND $rows AS row
MATCH (a:Identity {id: row.from})
MATCH (b:Identity {id: row.to})
CREATE (a)-[r:$(row.type)]->(b)
WITH r, row.state AS s
SET r = s {.*, validFrom: $times[s.validFrom], validTo: $times[s.validTo]}
RETURN count(r) AS answer
