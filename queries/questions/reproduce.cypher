// The published value $of with what it can be computed from, at the end of its period, or of its series if that ended before: level 0 as known at publication, level 1 as known at the asked time (for what has no record of its own time). Values of components: level 0 alone.
{moment}
CALL (t, k, known) {
  MATCH (o:Observation {id: $of})
  WITH o, t, k, known, {was(o)} AS s WHERE s IS NOT NULL
  MATCH (o)<-[h:HAS_POINT]-(x:Series) WHERE {held(h)}
  WITH o, x, s, t, k, known, {was(x)} AS d WHERE d IS NOT NULL
  MATCH (x)<-[m:HAS_SERIES]-(q:Kpi) WHERE {held(m)}
  WITH o, x, q, s, d, t, k, known, {was(q)} AS w WHERE w IS NOT NULL
  OPTIONAL MATCH (x)-[g:FOR_GROUP]->(y:Identity) WHERE {held(g)}
  WITH o, x, q, s, d, w, y, t, k, known WHERE y IS NULL OR {lived(y)}
  OPTIONAL MATCH (o)-[u:USES_VERSION]->(v:KpiVersion) WHERE {held(u)} AND {lived(v)}
  WITH s, x, q, d, w, y, v ORDER BY x.id, y.id, v.id LIMIT 1
  RETURN head(collect(s)) AS point, head(collect(d.validTo)) AS over, head(collect(x)) AS x, head(collect(q)) AS q, head(collect(w.kpiKind)) AS sort, head(collect(y.id)) AS whom, head(collect(v)) AS named
}
WITH *, point.period AS period, {recorded(point)} AS published
WITH *, {last_of(period)} AS close
WITH *, CASE WHEN over <= close THEN over - duration({microseconds: 1}) ELSE close END AS last, [[0, {ranges(published)}], [1, known]] AS levels
CALL (named, published, levels) {
  UNWIND levels AS one
  WITH named AS v, published AS t, one[0] AS level, one[1] AS known WHERE named IS NOT NULL
  WITH v, level, {was(v)} AS s WHERE s IS NOT NULL
  RETURN collect([level, v.id, s.version, s.formula, s.unit, s.decimals, s.minCoverage]) AS used
}
CALL (q, last, levels) {
  UNWIND levels AS one
  WITH q, levels, last AS t, one[0] AS level, one[1] AS known
  MATCH (c:Kpi)-[f:COMPONENT_OF]->(q) WHERE {holds(f)}
  WITH c, f, level, t, levels[1][1] AS known WHERE {exists(c)}
  RETURN collect([level, f.id, c.id, f.normalisation]) AS components, collect(DISTINCT c) AS parts
}
CALL (q, last, levels) {
  UNWIND levels AS one
  WITH q, levels, last AS t, one[0] AS level, one[1] AS known
  MATCH (q)<-[m:WEIGHS_FOR]-(a:WeightSet) WHERE {holds(m)}
  WITH a, levels, t, level, known, {state(a)} AS s WHERE s IS NOT NULL
  OPTIONAL MATCH (a)-[g:FOR_GROUP]->(y:Identity) WHERE {holds(g)}
  WITH a, s, y, t, level, levels[1][1] AS known WHERE y IS NULL OR {exists(y)}
  RETURN collect([level, a.id, s.setKind, y.id, s.version]) AS sets, collect(DISTINCT a) AS every
}
CALL (every, last, levels) {
  UNWIND levels AS one
  UNWIND every AS a
  WITH a, levels, last AS t, one[0] AS level, one[1] AS known
  MATCH (a)-[h:HAS_WEIGHT]->(b:Weight)-[r:WEIGHS]->(c:Identity) WHERE {holds(h)} AND {holds(r)}
  WITH a, b, c, levels, t, level, known, {state(b)} AS s WHERE s IS NOT NULL
  WITH a, b, c, s, level, t, levels[1][1] AS known WHERE {exists(c)}
  RETURN collect([level, a.id, b.id, c.id, s.weight]) AS weights
}
CALL (q, parts, last, levels) {
  UNWIND levels AS one
  UNWIND [q] + parts AS c
  WITH c, last AS t, one[0] AS level, one[1] AS known
  MATCH (c)<-[m:VERSION_OF]-(v:KpiVersion) WHERE {holds(m)}
  WITH c, v, level, {state(v)} AS s WHERE s IS NOT NULL
  RETURN collect([level, c.id, v.id, s.version, s.formula, s.unit, s.decimals, s.minCoverage]) AS versions
}
CALL (q, parts, whom, last, levels) {
  UNWIND levels AS one
  UNWIND [q] + parts AS c
  WITH q, c, whom, levels, last AS t, one[0] AS level, one[1] AS known
  MATCH (c)-[h:HAS_SERIES]->(z:Series) WHERE {holds(h)}
  WITH q, c, z, whom, levels, t, level, known, {state(z)} AS s WHERE s IS NOT NULL
  OPTIONAL MATCH (z)-[g:FOR_GROUP]->(y:Identity) WHERE {holds(g)}
  WITH q, c, z, s, y, whom, t, level, levels[1][1] AS known WHERE y IS NULL OR {exists(y)}
  WITH c, z, y, level WHERE (c = q AND y IS NOT NULL) OR (c <> q AND coalesce(y.id, '') = coalesce(whom, ''))
  RETURN collect([level, c.id, z.id, y.id]) AS series, collect(DISTINCT z) AS scopes
}
CALL (scopes, last, levels) {
  UNWIND levels AS one
  UNWIND scopes AS z
  WITH z, last AS t, one[0] AS level, one[1] AS known
  MATCH (z)-[h:HAS_TARGET]->(g:Target) WHERE {holds(h)}
  WITH z, g, level, {state(g)} AS s WHERE s IS NOT NULL
  WITH z, g, level, s WHERE s.targetKind = 'COMMITTED'
  RETURN collect([level, z.id, g.id, s.value, s.floor, s.ceiling, s.tolerance]) AS targets
}
CALL (scopes, period, last, levels) {
  UNWIND scopes AS z
  WITH z, period, last AS t, levels[0][1] AS known
  MATCH (z)-[h:HAS_POINT]->(v:Observation) WHERE {holds(h)}
  WITH z, v, period, t, known, {state(v)} AS s WHERE s IS NOT NULL AND s.period = period
  OPTIONAL MATCH (v)<-[r:RESTATES]-(u:Observation) WHERE {holds(r)} AND {exists(u)}
  WITH z, v, s, count(u) > 0 AS replaced
  RETURN collect([z.id, v.id, s.value, {recorded(s)}, replaced]) AS points
}
CALL (q, last, known) {
  WITH q, last AS t, known
  MATCH (q)<-[f:{flowing}*1..20]-(b:SourceSystem) WHERE all(x IN f WHERE {holds(x)})
  WITH DISTINCT b, t, known WHERE {exists(b)}
  RETURN collect(b.id) AS sources
}
WITH *, [x.id, q.id, whom, $of] + sources + [x IN used | x[1]] + [x IN components | x[2]] + [x IN sets | x[1]] + [x IN weights | x[3]] + [x IN versions | x[2]] + [x IN series | x[2]] + [x IN series | x[3]] + [x IN targets | x[2]] + [x IN points | x[1]] AS mentioned
CALL (mentioned, t, k, known) {
  UNWIND mentioned AS id
  WITH DISTINCT id, t, k, known
  MATCH (n:Identity {id: id})
  WITH n, t, k, known, {was(n)} AS s WHERE s IS NOT NULL
  WITH n, s, t, t AS asked, k, known, CASE WHEN s.validTo <= t THEN s.validTo - duration({microseconds: 1}) ELSE t END AS last
  RETURN collect({places}) AS things
}
RETURN {point: [point.value, period, published, x.id, q.id, sort, whom], used: used, components: components, sets: sets, weights: weights, versions: versions, series: series, targets: targets, points: points, sources: sources, things: things} AS answer, k
