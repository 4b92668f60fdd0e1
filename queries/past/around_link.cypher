// Where a walk begins at one point of time: the ends of a link.
{moment}
CALL (t, k, known) {
  MATCH (x:Identity)-[r:{type} {id: $of}]->(y:Identity) WHERE {holds(r)}
  WITH x, r, y WHERE {exists(x)} AND {exists(y)}
  WITH CASE WHEN $depth > 0 THEN [x, y] ELSE [] END AS ends
  UNWIND ends AS a
  RETURN collect(DISTINCT a) AS l0
}
{levels}
RETURN {lists} AS answer, k
