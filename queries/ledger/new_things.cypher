// Adds things of one kind of which nothing is believed, with their states and a copy of the one in force. Instants stand in a table of their own, as each is said often.
UNWIND $rows AS row
MERGE (e:Identity {id: row.id})
ON CREATE SET e:{kind}
FOREACH (s IN row.past |
  CREATE (e)-[:STATE]->(x:{kind}State)
  SET x = s {.*, validFrom: $times[s.validFrom], validTo: $times[s.validTo]})
FOREACH (s IN row.live |
  CREATE (e)-[:STATE]->(x:{kind}State:{kind}Live)
  SET x = s {.*, validFrom: $times[s.validFrom], validTo: $times[s.validTo]})
FOREACH (s IN row.copy |
  SET e = s {.*, validFrom: $times[s.validFrom], validTo: $times[s.validTo]})
RETURN count(e) AS answer
