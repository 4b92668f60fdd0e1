// Names those of the given ids that no identity has.
UNWIND $ids AS id
OPTIONAL MATCH (e:Identity {id: id})
WITH id, e WHERE e IS NULL
RETURN collect(id) AS answer
