// Pieces of links with keys of their own that are believed as of a commit, and the ends they have; where `$past`, also those believed before.
UNWIND $ids AS id
MATCH (a)-[r:{type} {id: id}]->(b)
WHERE r.recorded <= $seen AND ($past OR $seen < r.superseded)
RETURN collect([id, elementId(r), r {.*, validFrom: toString(r.validFrom), validTo: toString(r.validTo)}, [a.id, b.id]]) AS answer
