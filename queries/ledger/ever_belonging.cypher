// What ever hung on some things by a link to which something belongs, without what there is too much of.
UNWIND $ids AS id
MATCH (w:Identity {id: id})-[r:{types}]-(n:Identity) WHERE r.recorded <= $seen{few}
RETURN collect(DISTINCT [type(r), n.id]) AS answer
