// Ends belief in states, adds others to identities, and leaves on each a copy of the one in force. Instants stand in a table of their own, as each is said often.
UNWIND $rows AS row
MATCH (e:Identity {id: row.id})
CALL (row) {
  UNWIND row.over AS one
  MATCH (x) WHERE elementId(x) = one.ref
  SET x.superseded = one.at
}
FOREACH (s IN row.states |
  CREATE (e)-[:STATE]->(x)
  SET x = s {.*, validFrom: $times[s.validFrom], validTo: $times[s.validTo]}
  SET x:$(row.label))
FOREACH (s IN row.copy |
  SET e = s {.*, validFrom: $times[s.validFrom], validTo: $times[s.validTo]})
RETURN count(e) AS answer
