// All states of things that were ever recorded, and the copy that each identity carries.
UNWIND $ids AS id
MATCH (e:Identity {id: id})
OPTIONAL MATCH (e)-[:STATE|ERASED]->(x) WHERE x.recorded <= $seen
WITH id, e, collect([id, elementId(x), x {.*, validFrom: toString(x.validFrom), validTo: toString(x.validTo)}]) AS states
RETURN collect([e {.*, validFrom: toString(e.validFrom), validTo: toString(e.validTo)}, [s IN states WHERE s[2] IS NOT NULL]]) AS answer
