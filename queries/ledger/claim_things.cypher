// Locks identities in order, making those that are new, and returns the pieces that are still believed.
UNWIND $ids AS id
MERGE (e:Identity:{kind} {id: id})
SET e.lock = $by
WITH e, [(e)-[:STATE]->(x) WHERE x.superseded = $open | [elementId(x), properties(x)]] AS stored
WHERE size(stored) > 0
RETURN collect([e.id, stored]) AS answer
