// Every piece that was recorded up to a commit of the links of one type at the given things.
UNWIND $ids AS id
MATCH (e:Identity {id: id}){before}-[r:{type}]-{after}(o:Identity)
WHERE r.recorded <= $seen
RETURN collect([id, r.id, o.id, elementId(r), r {.*, validFrom: toString(r.validFrom), validTo: toString(r.validTo)}]) AS answer
