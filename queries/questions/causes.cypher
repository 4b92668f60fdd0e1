// Everything that a change of $of can move within {depth} hops (or that can move it), the causal links among these, the groups that each KPI is measured for, how it is read, and, where they are to be $placed, the perspective of each.
{moment}
CALL (t, k, known) {
  UNWIND $of AS id
  MATCH (root:Identity {id: id}) WHERE {exists(root)}
  MATCH (root){into}-[f:{causal}*0..{depth}]-{out}(b:Identity) WHERE all(x IN f WHERE {holds(x)})
  WITH DISTINCT b, t, k, known WHERE {exists(b)}
  WITH b LIMIT $rows + 1
  RETURN collect(b)[..$rows] AS seen, count(b) > $rows AS full
}
CALL (seen, t, k, known) {
  UNWIND seen AS a
  MATCH (a){into}-[f:{causal}]-{out}(b:Identity) WHERE {holds(f)}
  WITH a, f, b, b IN seen AS inside, {state(a)} AS s, {state(b)} AS q WHERE inside OR {exists(b)}
  RETURN collect(CASE WHEN inside THEN [f.id, type(f), a.id, b.id, f {.*, validFrom: null, validTo: null}, s.start, q.start] END) AS edges,
         collect(DISTINCT CASE WHEN NOT inside THEN a.id END) AS cut
}
CALL (seen, t, k, known) {
  UNWIND seen AS a
  MATCH (a)-[h:HAS_SERIES]->(x:Series) WHERE {holds(h)} AND {exists(x)}
  OPTIONAL MATCH (x)-[g:FOR_GROUP]->(y:Identity) WHERE {holds(g)}
  WITH y, collect(DISTINCT a.id) AS measured, t, k, known WHERE y IS NULL OR {exists(y)}
  RETURN collect([measured, y.id]) AS scopes
}
CALL (seen, t, k, known) {
  UNWIND seen AS a
  MATCH (a)<-[o:VERSION_OF]-(v:KpiVersion) WHERE {holds(o)}
  WITH a, {state(v)} AS w WHERE w IS NOT NULL
  RETURN collect([a.id, w.unit, w.direction]) AS formulas
}
CALL (seen, t, k, known) {
  UNWIND CASE WHEN $placed THEN seen ELSE [] END AS a
  MATCH (a)-[i:KPI_IN_PERSPECTIVE|OBJECTIVE_IN_PERSPECTIVE]->(p:Perspective) WHERE {holds(i)}
  WITH a, p WHERE {exists(p)}
  RETURN collect(DISTINCT [a.id, p.id]) AS placing
}
WITH *, [x IN seen | x.id] + [x IN scopes WHERE x[1] IS NOT NULL | x[1]] + [x IN edges WHERE x[4].`group` IS NOT NULL | x[4].`group`] + $mentioned AS told
CALL (told, t, k, known) {
  UNWIND told AS id
  WITH DISTINCT id, t, k, known
  MATCH (n:Identity {id: id})
  WITH n, t, k, known, {state(n)} AS s WHERE s IS NOT NULL
  RETURN collect({places}) AS things
}
RETURN {seen: [x IN seen | x.id], full: full, edges: edges, cut: cut, scopes: scopes, formulas: formulas, placing: placing, things: things} AS answer, k
