// Ends belief in states from a commit on; `$seen` says whether that commit is published with them, so that they are live no longer.
UNWIND $rows AS row
MATCH (x) WHERE elementId(x) = row.ref
SET x.superseded = row.at
REMOVE x:$(CASE WHEN $seen THEN row.live ELSE [] END)
RETURN count(x) AS answer
