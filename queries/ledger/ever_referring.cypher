// What ever referred to a link of a type that has a hidden end, or is for something hidden.
MATCH (a:Identity)-[r:{type}]->(b:Identity)
WHERE r.recorded <= $seen AND (a.id IN $hidden OR b.id IN $hidden{groups})
WITH collect(DISTINCT r.id) AS ids
MATCH (s:{state})<-[h:STATE]-(e:Identity) WHERE s.recorded <= $seen AND '{word}:' + s.`{field}` IN ids
RETURN collect(DISTINCT e.id) AS answer
