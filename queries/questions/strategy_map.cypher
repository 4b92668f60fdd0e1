// The strategy map: perspectives, objectives of $group (null = all; those for nobody in particular always), the KPIs that measure them with formula version and latest values, and the causal links among these. Things first, links after.
{moment}
CALL (t, k, known) {
  MATCH (p:Perspective)
  WITH p, {state(p)} AS s WHERE s IS NOT NULL
  WITH p, s ORDER BY s.order, p.id LIMIT $rows
  RETURN collect([p.id, s.order]) AS lanes
}
CALL (t, k, known) {
  MATCH (o:Objective) WHERE {exists(o)}
  WITH o ORDER BY o.id LIMIT $rows + 1
  RETURN collect(o) AS every
}
CALL (every, t, k, known) {
  UNWIND every AS o
  OPTIONAL MATCH (o)-[g:FOR_GROUP]->(y:Identity) WHERE {holds(g)}
  WITH o, y, t, k, known WHERE y IS NULL OR {exists(y)}
  RETURN collect(DISTINCT CASE WHEN y IS NULL OR y.id = $group THEN o END) AS meant
}
WITH *, size(every) > $rows AS more, (CASE WHEN $group IS NULL THEN every ELSE meant END)[..$rows] AS aims
CALL (aims, t, k, known) {
  UNWIND aims AS o
  MATCH (o)-[r:OBJECTIVE_IN_PERSPECTIVE]->(p:Perspective) WHERE {holds(r)}
  WITH o, p WHERE {exists(p)}
  RETURN collect([o.id, p.id]) AS placing
}
CALL (aims, t, k, known) {
  UNWIND aims AS o
  MATCH (o)<-[m:MEASURES]-(q:Kpi) WHERE {holds(m)}
  WITH o, m, q WHERE {exists(q)}
  WITH o, m, q ORDER BY o.id, q.id LIMIT $rows + 1
  RETURN collect([o.id, q.id, m.kind, m.weight])[..$rows] AS measuring,
         collect(DISTINCT q)[..$rows] AS kpis, count(m) > $rows AS full
}
CALL (kpis, t, k, known) {
  UNWIND kpis AS q
  MATCH (q)<-[m:VERSION_OF]-(v:KpiVersion) WHERE {holds(m)}
  WITH q, {state(v)} AS s WHERE s IS NOT NULL
  RETURN collect([q.id, s.version, s.unit, s.direction, s.indicatorKind]) AS versions
}
CALL (kpis, t, k, known) {
  UNWIND kpis AS q
  MATCH (q)-[m:HAS_SERIES]->(x:Series) WHERE {holds(m)}
  WITH q, x, t, k, known, {state(x)} AS s WHERE s IS NOT NULL AND ($group IS NOT NULL OR s.scopeKind = 'ALL')
  OPTIONAL MATCH (x)-[g:FOR_GROUP]->(y:Identity) WHERE {holds(g)}
  WITH q, x, s, y, t, k, known WHERE y IS NULL OR {exists(y)}
  WITH q, x, y WHERE y.id = $group OR (y IS NULL AND s.scopeKind = 'ALL')
  RETURN collect([q.id, x.id, y.id]) AS series, collect(x) AS counted
}
CALL (counted, t, k, known) {
  UNWIND counted AS x
  MATCH (x)-[h:HAS_TARGET]->(g:Target) WHERE {holds(h)}
  WITH x, t, k, known, {state(g)} AS s WHERE s IS NOT NULL
  WITH x, s WHERE s.targetKind = 'COMMITTED'
  RETURN collect([x.id, s.recorded, s.value, s.floor, s.ceiling, s.tolerance]) AS targets
}
CALL (counted, t, k, known) {
  UNWIND counted AS x
  CALL (x, t, k, known) {
    MATCH (x)-[h:HAS_POINT]->(v:Observation) WHERE {holds(h)}
    WITH v, {state(v)} AS s WHERE s IS NOT NULL
    WITH s.period AS period, collect([v.id, s.value, s.recorded]) AS reports, collect(v) AS reported
    ORDER BY period DESC LIMIT 2
    RETURN collect([period, reports]) AS periods, collect(reported) AS points
  }
  RETURN collect([x.id, periods]) AS values, collect(points) AS latest
}
CALL (latest, t, k, known) {
  UNWIND latest AS both
  UNWIND both AS one
  UNWIND one AS v
  MATCH (v)<-[r:RESTATES]-(w:Observation) WHERE {holds(r)}
  WITH v, w WHERE {exists(w)}
  RETURN collect(v.id) AS restated
}
CALL (aims, kpis, t, k, known) {
  WITH aims + kpis AS ends, t, k, known
  UNWIND ends AS a
  MATCH (a)-[f:AFFECTS]->(b:Identity) WHERE {holds(f)}
  WITH a, f, b, b IN ends AS inside WHERE inside OR {exists(b)}
  WITH a, f, b WHERE inside AND ($group IS NULL OR f.`group` IS NULL OR f.`group` = $group)
  RETURN collect([f.id, type(f), a.id, b.id, properties(f), null]) AS edges
}
WITH *, [x IN lanes | x[0]] + [x IN aims | x.id] + [x IN kpis | x.id] + [x IN series WHERE x[2] IS NOT NULL | x[2]] + [x IN edges WHERE x[4].`group` IS NOT NULL | x[4].`group`] + $mentioned AS told
CALL (told, t, k, known) {
  UNWIND told AS id
  WITH DISTINCT id, t, k, known
  MATCH (n:Identity {id: id})
  WITH n, t, k, known, {state(n)} AS s WHERE s IS NOT NULL
  RETURN collect({places}) AS things
}
RETURN {lanes: lanes, aims: [x IN aims | x.id], placing: placing, measuring: measuring, versions: versions, series: series, values: values, targets: targets, restated: restated, edges: edges, full: full OR more, things: things} AS answer, k
