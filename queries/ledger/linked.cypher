// Links of one type that are believed now, of the given things at one end of them.
UNWIND $ids AS id
MATCH (e:Identity {id: id})
MATCH (e){before}-[r:{type}]-{after}(:Identity)
WHERE r.superseded = $open AND r.validTo = $far
RETURN collect([r.id, startNode(r).id, endNode(r).id]) AS answer
