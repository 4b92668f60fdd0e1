// Ids of one kind in their order, from some id on.
MATCH (e:Identity) WHERE $after < e.id AND e.id < $end
WITH e.id AS id ORDER BY id LIMIT $count
RETURN collect(id) AS answer
