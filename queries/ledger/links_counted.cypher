// How many pieces of links of one type are stored, believed or not.
MATCH ()-[r:{type}]->()
RETURN count(r) AS answer
