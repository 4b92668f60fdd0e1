// Ends belief in pieces of links from a commit on.
UNWIND $rows AS row
MATCH ()-[r]->() WHERE elementId(r) = row.ref
SET r.superseded = row.at
RETURN count(r) AS answer
