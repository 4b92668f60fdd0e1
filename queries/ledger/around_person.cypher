// Everything that was ever stored of some things and of the links at them.
UNWIND $ids AS id
MATCH (e:Identity {id: id})
RETURN collect([id,
  COLLECT { MATCH (e)-[:STATE]->(x) RETURN [elementId(x), x {.*, validFrom: toString(x.validFrom), validTo: toString(x.validTo)}] },
  COLLECT { MATCH (e)-[r]-(o:Identity) RETURN [elementId(r), r {.*, validFrom: toString(r.validFrom), validTo: toString(r.validTo)}, [startNode(r).id, endNode(r).id]] }]) AS answer
