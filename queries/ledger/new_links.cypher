// Adds pieces of links of one type between identities; answers how many found both their ends. Instants stand in a table of their own.
UNWIND $rows AS row
MATCH (a:Identity {id: row[0]})
MATCH (b:Identity {id: row[1]})
CREATE (a)-[r:{type} {id: row[2], validFrom: $times[row[3]], validTo: $times[row[4]], recorded: row[5], superseded: $open}]->(b)
SET r += row[6]
RETURN count(r) AS answer
