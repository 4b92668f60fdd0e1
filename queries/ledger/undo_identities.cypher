// Removes identities that an abandoned load made and nothing else speaks of.
MATCH (e:Identity) WHERE NOT EXISTS { (e)-[:STATE]->() }
CALL (e) { DETACH DELETE e } IN TRANSACTIONS OF 5000 ROWS
RETURN count(*) AS answer
