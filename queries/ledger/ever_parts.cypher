// Pairs of units of which one was ever part of the other.
MATCH (a:{kind})-[r:{type}]->(b:{kind}) WHERE r.recorded <= $seen
RETURN collect(DISTINCT [a.id, b.id]) AS answer
