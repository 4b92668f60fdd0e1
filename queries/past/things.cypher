// Every piece of the life of the thing that the viewer may be told, believed now or formerly; of an erased person, the times that are left.
MATCH (h_thing)-[h_l:STATE|ERASED]->(h_x) WHERE {heard(h_x)} AND {visible(h_thing)}
