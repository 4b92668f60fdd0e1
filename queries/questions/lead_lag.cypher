// Active KPIs with the kind of their version in force, the groups each is measured for, and the causal links among them.
{moment}
CALL (t, k, known) {
  MATCH (v:KpiVersion)-[o:VERSION_OF]->(a:Kpi) WHERE {holds(o)}
  WITH a, v, t, k, known, {state(a)} AS s WHERE s IS NOT NULL AND s.status = 'ACTIVE'
  WITH a, {state(v)} AS w WHERE w IS NOT NULL
  RETURN collect(DISTINCT [a.id, w.indicatorKind]) AS kinds
}
CALL (t, k, known) {
  MATCH (a:Kpi)-[h:HAS_SERIES]->(x:Series) WHERE {holds(h)} AND {exists(a)} AND {exists(x)}
  OPTIONAL MATCH (x)-[g:FOR_GROUP]->(y:Identity) WHERE {holds(g)}
  WITH a, y, t, k, known WHERE y IS NULL OR {exists(y)}
  RETURN collect(DISTINCT [a.id, y.id]) AS scopes
}
CALL (t, k, known) {
  MATCH (a:Kpi)-[f:AFFECTS]->(b:Kpi) WHERE {holds(f)} AND {exists(a)} AND {exists(b)}
  RETURN collect(DISTINCT [a.id, b.id, f.`group`]) AS causes
}
WITH *, [x IN kinds | x[0]] + [x IN scopes WHERE x[1] IS NOT NULL | x[1]] + $mentioned AS told
CALL (told, t, k, known) {
  UNWIND told AS id
  WITH DISTINCT id, t, k, known
  MATCH (n:Identity {id: id})
  WITH n, t, k, known, {state(n)} AS s WHERE s IS NOT NULL
  RETURN collect({places}) AS things
}
RETURN {kinds: kinds, scopes: scopes, causes: causes, things: things} AS answer, k
