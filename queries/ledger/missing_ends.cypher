// Names those of the given ids that no thing has that was written up to a commit.
UNWIND $ids AS id
OPTIONAL MATCH (e:Identity {id: id})
WITH id, e WHERE e IS NULL OR NOT EXISTS { MATCH (e)-[:STATE]->(x) WHERE x.recorded <= $seen }
RETURN collect(id) AS answer
