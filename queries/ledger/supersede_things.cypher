// Ends belief in states from a commit on that is published later. The copy on the identity says when it ends, as others still read it.
UNWIND $rows AS row
MATCH (x) WHERE elementId(x) = row.ref
SET x.superseded = row.at
WITH x
MATCH (e:Identity {id: x.id}) WHERE e.recorded = x.recorded AND e.validFrom = x.validFrom
SET e.superseded = x.superseded
RETURN count(e) AS answer
