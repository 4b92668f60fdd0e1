// Every piece of the life of the thing that the viewer may be told, believed now or formerly.
MATCH (h_thing)-[h_l:STATE]->(h_x) WHERE {heard(h_x)} AND {visible(h_thing)}
