// To what some things ever belonged by some links.
UNWIND $ids AS id
MATCH (n:Identity {id: id})-[r:{types}]-(w:Identity) WHERE r.recorded <= $seen
RETURN collect(DISTINCT [n.id, type(r), w.id]) AS answer
