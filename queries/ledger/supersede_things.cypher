// Ends belief in states from a commit on that is published later. The copy on the identity says when it ends, as others still read it; it is locked first, as another may be about to copy such a state.
UNWIND $rows AS row
MATCH (x) WHERE elementId(x) = row.ref
MATCH (e:Identity {id: x.id})
SET e.lock = true
REMOVE e.lock
SET x.superseded = row.at
WITH e, x
WHERE e.recorded = x.recorded AND e.validFrom = x.validFrom
SET e.superseded = x.superseded
RETURN count(e) AS answer
