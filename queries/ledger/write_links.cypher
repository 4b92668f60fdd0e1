// Adds pieces of links between identities; counts them, so that a missing end is noticed.
UNWIND $rows AS row
MATCH (a:Identity {id: row.source})
MATCH (b:Identity {id: row.target})
CREATE (a)-[r:{type}]->(b)
SET r = row.state
RETURN count(r) AS answer
