// Adds things of one kind of which nothing is believed, with one state, which is in force: most rows of most loads. Instants stand in a table of their own.
UNWIND $rows AS row
MERGE (e:Identity {id: row[0]})
ON CREATE SET e:{kind}
CREATE (e)-[:STATE]->(x:{kind}State {id: row[0], key: row[1], validFrom: $times[row[2]], validTo: $times[row[3]], recorded: row[4], superseded: $open})
SET x += row[5], e = x
RETURN count(e) AS answer
