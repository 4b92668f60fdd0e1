// Everything that a change of $of can move within {depth} hops, the causal links among these, and the groups that each KPI is measured for.
{moment}
UNWIND $of AS id
MATCH (root:Identity {id: id}) WHERE {exists(root)}
WITH t, k, known, collect(root) AS roots
CALL (roots, t, k, known) {
  UNWIND roots AS root
  MATCH (root)-[f:{causal}*0..{depth}]->(b:Identity)
  WHERE all(x IN f WHERE {in_force(x)})
  WITH DISTINCT b, t, k, known LIMIT toInteger($rows)
  WITH b WHERE {exists(b)}
  RETURN collect(b) AS seen
}
CALL (seen, t, k, known) {
  UNWIND seen AS a
  MATCH (a)-[f:{causal}]->(b:Identity) WHERE {in_force(f)}
  WITH a, f, b, b IN seen AS inside WHERE inside OR {exists(b)}
  RETURN collect(CASE WHEN inside THEN [f.id, type(f), a.id, b.id, properties(f), a.start] END) AS edges,
         collect(DISTINCT CASE WHEN NOT inside THEN a.id END) AS cut
}
CALL (seen, t, k, known) {
  UNWIND seen AS a
  MATCH (a)-[h:HAS_SERIES]->(x:Series) WHERE {in_force(h)} AND {exists(x)}
  OPTIONAL MATCH (x)-[g:FOR_GROUP]->(y:Identity) WHERE {in_force(g)} AND {exists(y)}
  RETURN collect(DISTINCT [a.id, y.id]) AS scopes
}
WITH *, [x IN seen | x.id] + [x IN scopes WHERE x[1] IS NOT NULL | x[1]] + [x IN edges WHERE x[4].`group` IS NOT NULL | x[4].`group`] + $groups AS mentioned
CALL (mentioned, t, k, known) {
  UNWIND mentioned AS id
  WITH DISTINCT id, t, k, known
  MATCH (n:Identity {id: id})
  WITH n, t, k, known, {state(n)} AS s WHERE s IS NOT NULL
  RETURN collect({places}) AS things
}
RETURN {edges: edges, scopes: scopes, seen: [x IN seen | x.id], cut: cut, things: things} AS answer, k
