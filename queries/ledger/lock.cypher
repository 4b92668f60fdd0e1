// Locks identities in order of id, making those of new things; answers how many there are, and which of them had states before.
UNWIND $rows AS row
FOREACH (kind IN row.make | MERGE (n:Identity {id: row.id}) ON CREATE SET n:$(kind))
WITH row
MATCH (e:Identity {id: row.id})
SET e.lock = true
REMOVE e.lock
WITH e.id AS id, EXISTS { (e)-[:STATE]->() } AS old
RETURN [count(id), collect(CASE WHEN old THEN id END)] AS answer
