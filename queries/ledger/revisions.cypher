// The last commit that spoke of each of some things and links; 0 where none did.
UNWIND $rows AS row
OPTIONAL MATCH (e:Identity {id: row[0]})-[:STATE]->(x) WHERE row[1] IS NULL AND x.recorded <= $seen
WITH row, max(CASE WHEN x.superseded <= $seen THEN x.superseded ELSE x.recorded END) AS thing
OPTIONAL MATCH (a:Identity {id: row[1]})-[r]->(b:Identity {id: row[2]}) WHERE r.id = row[0] AND r.recorded <= $seen
WITH row, thing, max(CASE WHEN r.superseded <= $seen THEN r.superseded ELSE r.recorded END) AS link
RETURN collect([row[0], coalesce(thing, link, 0)]) AS answer
