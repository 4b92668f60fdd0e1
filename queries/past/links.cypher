// Every piece of the link some id that the viewer may be told, believed now or formerly.
MATCH (h_a:Identity)-[h_x:{type} {id: h_named}]->(h_b:Identity) WHERE {spoken(h_x)} AND {visible(h_a)} AND {visible(h_b)}
