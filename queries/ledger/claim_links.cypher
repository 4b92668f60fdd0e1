// Locks the sources of links in order and returns the pieces of these links that are still believed.
CALL () { UNWIND $sources AS id MATCH (a:Identity {id: id}) SET a.lock = $by RETURN count(a) AS locked }
UNWIND $ids AS id
MATCH ()-[r:{type} {id: id}]->()
WHERE r.superseded = $open
WITH id, collect([elementId(r), properties(r)]) AS stored
RETURN collect([id, stored]) AS answer
