// Ends belief in states from a commit on. Published with it, they are live no longer; else only the copy on the identity says when it ends, as others still read it.
UNWIND $rows AS row
MATCH (x) WHERE elementId(x) = row.ref
SET x.superseded = row.at
REMOVE x:$(CASE WHEN $seen THEN row.live ELSE [] END)
WITH x WHERE NOT $seen
MATCH (e:Identity {id: x.id}) WHERE e.recorded = x.recorded AND e.validFrom = x.validFrom
SET e.superseded = x.superseded
RETURN count(e) AS answer
