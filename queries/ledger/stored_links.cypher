// Pieces of links that are believed as of a commit; where `$past`, also those believed before. Found from the ends, so that one statement serves every type.
UNWIND $rows AS row
MATCH (a:Identity {id: row[1]})
MATCH (b:Identity {id: row[2]})
MATCH (a)-[r]->(b)
WHERE r.id = row[0] AND r.recorded <= $seen AND ($past OR $seen < r.superseded)
RETURN collect([row[0], elementId(r), r {.*, validFrom: toString(r.validFrom), validTo: toString(r.validTo)}]) AS answer
