// Ids of everything of some kinds, whenever it was.
MATCH (e:{kinds}) RETURN collect(e.id) AS answer
