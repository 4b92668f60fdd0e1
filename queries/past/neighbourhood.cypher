// Everything within $depth links of a thing or link at one point of time, level by level, and the links among it; a level that is too wide ends the walk. At depth 0 what columns carry is told with a thing.
{moment}
CALL (t, k, known) {
  MATCH (a:Identity)-[r:{type} {id: $of}]->(b:Identity) WHERE {holds(r)}
  WITH a, r, b WHERE {exists(a)} AND {exists(b)}
  RETURN collect([r.id, type(r), a.id, b.id, properties(r)]) AS own
}
CALL (own, t, k, known) {
  UNWIND CASE WHEN $thing THEN [$of] WHEN $depth > 0 THEN reduce(ids = [], x IN own | ids + [x[2], x[3]]) ELSE [] END AS id
  WITH DISTINCT id
  MATCH (a:Identity {id: id}) WHERE {exists(a)}
  RETURN collect(a) AS l0
}
CALL (l0, t, k, known) {
  UNWIND CASE WHEN $hops > 0 THEN l0 ELSE [] END AS a
  MATCH (a)-[r]-(b:Identity) WHERE {holds(r)}
  WITH DISTINCT b WHERE NOT b IN l0 AND {exists(b)}
  WITH b ORDER BY b.id LIMIT $rows + 1
  RETURN collect(b) AS l1
}
CALL (l0, l1, t, k, known) {
  UNWIND CASE WHEN $hops > 1 AND size(l1) <= $rows THEN l1 ELSE [] END AS a
  MATCH (a)-[r]-(b:Identity) WHERE {holds(r)}
  WITH DISTINCT b WHERE NOT b IN l0 AND NOT b IN l1 AND {exists(b)}
  WITH b ORDER BY b.id LIMIT $rows + 1
  RETURN collect(b) AS l2
}
CALL (l1, l2, t, k, known) {
  UNWIND CASE WHEN $hops > 2 AND size(l2) <= $rows THEN l2 ELSE [] END AS a
  MATCH (a)-[r]-(b:Identity) WHERE {holds(r)}
  WITH DISTINCT b WHERE NOT b IN l1 AND NOT b IN l2 AND {exists(b)}
  WITH b ORDER BY b.id LIMIT $rows + 1
  RETURN collect(b) AS l3
}
WITH *, l0 + CASE WHEN size(l1) <= $rows THEN l1 ELSE [] END + CASE WHEN size(l2) <= $rows THEN l2 ELSE [] END + CASE WHEN size(l3) <= $rows THEN l3 ELSE [] END AS seen
CALL (seen, t, k, known) {
  UNWIND seen AS a
  WITH a, {state(a)} AS s WHERE s IS NOT NULL
  RETURN collect([a.id, properties(s)]) AS things
}
CALL (seen, t, k, known) {
  UNWIND CASE WHEN $depth > 0 THEN seen ELSE [] END AS a
  MATCH (a)-[r]->(b:Identity) WHERE {holds(r)} AND b IN seen
  WITH a, r, b WHERE {exists(b)}
  RETURN collect([r.id, type(r), a.id, b.id, properties(r)]) AS links
}
CALL (seen, t, k, known) {
  UNWIND CASE WHEN $depth = 0 THEN seen ELSE [] END AS a
  MATCH (a)-[r:{away}]->(b:Identity) WHERE {holds(r)}
  WITH r, b WHERE {exists(b)}
  RETURN collect([type(r), true, b.id]) AS out
}
CALL (seen, t, k, known) {
  UNWIND CASE WHEN $depth = 0 THEN seen ELSE [] END AS a
  MATCH (a)<-[r:{towards}]-(b:Identity) WHERE {holds(r)}
  WITH r, b WHERE {exists(b)}
  RETURN collect([type(r), false, b.id]) AS in
}
RETURN {things: things, links: own + links, carried: out + in,
  levels: [[x IN l0 | x.id], [x IN l1 | x.id], [x IN l2 | x.id], [x IN l3 | x.id]]} AS answer, k
