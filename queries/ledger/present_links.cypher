// Those of the given ids that a link of a type has.
UNWIND $ids AS id
MATCH ()-[r:{type} {id: id}]->()
RETURN collect(DISTINCT id) AS answer
