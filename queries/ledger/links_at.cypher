// Every piece that was recorded up to a commit of the links of some types at the given things.
UNWIND $ids AS id
MATCH (e:Identity {id: id}) USING INDEX e:Identity(id)
MATCH (e){before}-[r:{types}]-{after}(o)
WHERE r.recorded <= $seen
RETURN collect([id, r.id, o.id, elementId(r), r {.*, validFrom: toString(r.validFrom), validTo: toString(r.validTo)}]) AS answer
