// What is one link further away at one point of time; a level that is too wide ends the walk.
{moment}
CALL ({imported}, t, k, known) {
  UNWIND CASE WHEN size({last}) <= $rows THEN {last} ELSE [] END AS a
  MATCH (a)-[r]-(b:Identity) WHERE {holds(r)}
  WITH DISTINCT b WHERE NOT b IN {last} AND NOT b IN {former} AND {exists(b)}
  WITH b ORDER BY b.id LIMIT $rows + 1
  RETURN collect(b) AS {next}
}
