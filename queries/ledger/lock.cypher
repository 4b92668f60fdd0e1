// Locks identities in order of id, making those of new things; answers which had states before, and of those that are asked for, those that are believed, where `$past` also those that were.
UNWIND $rows AS row
FOREACH (kind IN row.make | MERGE (n:Identity {id: row.id}) ON CREATE SET n:$(kind))
WITH row
MATCH (e:Identity {id: row.id})
SET e.lock = true
REMOVE e.lock
WITH row, e
RETURN collect([e.id, EXISTS { (e)-[:STATE]->() }, CASE WHEN row.told THEN COLLECT {
  MATCH (e)-[:STATE]->(x) WHERE $past OR x.superseded = $open
  RETURN [elementId(x), x {.*, validFrom: toString(x.validFrom), validTo: toString(x.validTo)}]
} ELSE [] END]) AS answer
