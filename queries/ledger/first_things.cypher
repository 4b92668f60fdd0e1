// Adds things of one kind to a graph that holds none, each with one state, which is in force: most rows of a first load. Instants stand in a table of their own.
UNWIND $rows AS row
CREATE (e:Identity:{kind} {id: row[0], key: row[1], validFrom: $times[row[2]], validTo: $times[row[3]], recorded: row[4], superseded: $open})
CREATE (e)-[:STATE]->(x:{kind}State {id: row[0], key: row[1], validFrom: $times[row[2]], validTo: $times[row[3]], recorded: row[4], superseded: $open})
SET e += row[5], x += row[5]
RETURN count(e) AS answer
