// States of things that are believed as of a commit; where `$past`, also those believed before.
UNWIND $ids AS id
MATCH (e:Identity {id: id})-[:STATE]->(x)
WHERE x.recorded <= $seen AND ($past OR $seen < x.superseded)
RETURN collect([id, elementId(x), x {.*, validFrom: toString(x.validFrom), validTo: toString(x.validTo)}]) AS answer
