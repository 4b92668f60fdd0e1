// Ends belief in pieces of links from a commit on. Found from their ends: a plan made while there were few links would scan all.
UNWIND $rows AS row
MATCH (a:Identity {id: row.from}) USING INDEX a:Identity(id)
MATCH (b:Identity {id: row.to}) USING INDEX b:Identity(id)
MATCH (a)-[r]->(b) WHERE elementId(r) = row.ref
SET r.superseded = row.at
RETURN count(r) AS answer
