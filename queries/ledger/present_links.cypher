// Those of the given ids that a link of a type has that was written up to a commit.
UNWIND $ids AS id
MATCH ()-[r:{type} {id: id}]->() WHERE r.recorded <= $seen
RETURN collect(DISTINCT id) AS answer
