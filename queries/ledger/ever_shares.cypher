// How many customers of a segment each of its personas ever had: the link, the segment, the number.
MATCH (p:Identity)-[r:PERSONA_OF]->(g:Identity)-[h:STATE]->(s)
WHERE r.recorded <= $seen AND s.recorded <= $seen AND r.share IS NOT NULL AND s.customers IS NOT NULL
RETURN collect(DISTINCT [r.id, g.id, r.share * s.customers]) AS answer
