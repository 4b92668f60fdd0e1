// Ends belief in states from a commit on. Their live label stays until the commit is published.
UNWIND $rows AS row
MATCH (x:{kind}State) WHERE elementId(x) = row.ref
SET x.superseded = row.at
RETURN count(x) AS answer
