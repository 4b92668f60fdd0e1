// Adds states to identities and leaves on each a copy of the one in force; counts the identities found.
UNWIND $rows AS row
MATCH (e:Identity {id: row.id})
FOREACH (s IN row.live | CREATE (e)-[:STATE]->(x:{kind}State:{kind}Live) SET x = s)
FOREACH (s IN row.past | CREATE (e)-[:STATE]->(x:{kind}State) SET x = s)
SET e = row.copy
RETURN count(e) AS answer
