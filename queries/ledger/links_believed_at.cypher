// Pieces of links of a type that are believed as of a commit, of the given things at one end of them.
UNWIND $ids AS id
MATCH (e:Identity {id: id}){before}-[r:{type}]-{after}(:Identity)
WHERE r.recorded <= $seen AND $seen < r.superseded
RETURN collect([r.id, elementId(r), r {.*, validFrom: toString(r.validFrom), validTo: toString(r.validTo)}, [startNode(r).id, endNode(r).id]]) AS answer
