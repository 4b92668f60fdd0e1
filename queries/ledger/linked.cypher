// Links of some types that are believed as of a commit and hold after a time, of the given things at one end of them.
UNWIND $rows AS row
MATCH (e:Identity {id: row[0]}){before}-[r:{types}]-{after}(:Identity)
WHERE r.recorded <= $seen AND $seen < r.superseded AND r.validTo > $times[row[1]]
RETURN collect([r.id, startNode(r).id, endNode(r).id]) AS answer
