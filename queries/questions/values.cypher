// Everything that was reported of the series $of, or of the series of the KPI or group $of, over their whole lives ($since to $until), and for each period what was in force at its end: targets, limits, formula and weights.
{moment}
CALL (t, k, known) {
  MATCH (n:Identity {id: $of})
  WITH n, t, k, known, {was(n)} AS s WHERE s IS NOT NULL
  MATCH (n)-[h:HAS_SERIES|FOR_GROUP*0..1]-(x:Series) WHERE all(e IN h WHERE {held(e)})
  WITH DISTINCT x, t, k, known
  MATCH (x)<-[m:HAS_SERIES]-(q:Kpi) WHERE {held(m)} AND {lived(q)}
  WITH x, q, t, k, known, {was(x)} AS s WHERE s IS NOT NULL
  OPTIONAL MATCH (x)-[g:FOR_GROUP]->(y:Identity) WHERE {held(g)}
  WITH x, q, s, y, t, k, known WHERE y IS NULL OR {lived(y)}
  WITH x, q, s, y WHERE $group IS NULL OR y.id = $group
  WITH DISTINCT x, q, s, y ORDER BY q.id, y.id, x.id LIMIT $rows
  RETURN collect([x.id, q.id, y.id]) AS series, collect({x: x, q: q, y: y, end: CASE WHEN s.validTo <= t THEN s.validTo - duration({microseconds: 1}) ELSE t END}) AS runs
}
CALL (runs, t, k, known) {
  UNWIND runs AS one
  UNWIND [one.x] AS x
  WITH one, x, t, k, known
  MATCH (x)-[h:HAS_POINT]->(v:Observation) WHERE {held(h)}
  WITH one, v, t, k, known, {was(v)} AS s WHERE s IS NOT NULL
  WITH one, v, s, t, k, known WHERE ($since IS NULL OR s.validFrom >= $since) AND ($until IS NULL OR s.validFrom < $until)
  ORDER BY one.q.id, one.y.id, one.x.id, s.validFrom, v.id LIMIT $rows + 1
  RETURN collect({run: one, v: v, period: s.period}) AS found
}
WITH *, found[..$rows] AS shown, size(found) > $rows AS full
CALL (shown, t, k, known) {
  UNWIND shown AS one
  UNWIND [one.v] AS v
  WITH one, v, t, k, known
  OPTIONAL MATCH (v)-[r:RESTATES]->(w:Observation) WHERE {held(r)}
  WITH one, v, w, t, k, known WHERE w IS NULL OR {lived(w)}
  OPTIONAL MATCH (v)-[u:USES_VERSION]->(f:KpiVersion) WHERE {held(u)}
  WITH one, v, w, f, t, k, known WHERE f IS NULL OR {lived(f)}
  WITH one, v, w, f, {ever(v)} AS said
  UNWIND said AS s
  RETURN collect([one.run.x.id, s.period, v.id, s.value, s.n, s.status, s.cause, s.note, {recorded(s)}, w.id, f.id]) AS points
}
CALL (shown, t) {
  UNWIND shown AS one
  WITH DISTINCT one.run AS run, one.period AS period, t
  WITH run, period, t, {last_of(period)} AS last
  WITH run, period, CASE WHEN last < run.end THEN last ELSE run.end END AS moment
  RETURN collect({x: run.x, q: run.q, y: run.y, period: period, moment: moment}) AS cells
}
CALL (cells, k, known) {
  UNWIND cells AS one
  UNWIND [one.x] AS x
  WITH one, x, one.moment AS t, k, known
  MATCH (x)-[h:HAS_TARGET]->(g:Target) WHERE {holds(h)}
  WITH one, g, {state(g)} AS s WHERE s IS NOT NULL
  RETURN collect([one.x.id, one.period, g.id, s.targetKind, s.value, s.floor, s.ceiling, s.tolerance]) AS targets
}
CALL (cells, k, known) {
  UNWIND cells AS one
  UNWIND [one.x] AS x
  WITH one, x, one.moment AS t, k, known
  MATCH (x)-[h:HAS_THRESHOLD]->(g:Threshold) WHERE {holds(h)}
  WITH one, g, {state(g)} AS s WHERE s IS NOT NULL
  RETURN collect([one.x.id, one.period, g.id, s.lower, s.upper]) AS limits
}
CALL (cells, k, known) {
  UNWIND cells AS one
  UNWIND [one.q] AS q
  WITH DISTINCT q, one.moment AS t, k, known
  MATCH (q)<-[m:VERSION_OF]-(f:KpiVersion) WHERE {holds(m)}
  WITH q, f, t, {state(f)} AS s WHERE s IS NOT NULL
  RETURN collect([q.id, t, f.id, s.version, s.unit, s.direction]) AS versions
}
CALL (cells, k, known) {
  UNWIND cells AS one
  UNWIND [one.q, one.y] AS c
  WITH one, c, one.moment AS t, k, known
  MATCH (c)<-[b:WEIGHS]-(w:Weight)<-[a:HAS_WEIGHT]-(z:WeightSet)-[m:WEIGHS_FOR]->(p:Kpi) WHERE {holds(b)} AND {holds(a)} AND {holds(m)} AND {exists(p)}
  WITH one, c, z, p, t, k, known, {state(w)} AS s WHERE s IS NOT NULL
  WITH one, c, z, p, s, t, k, known, {state(z)} AS d WHERE d IS NOT NULL
  OPTIONAL MATCH (z)-[g:FOR_GROUP]->(y:Identity) WHERE {holds(g)}
  WITH one, c, z, p, s, d, y, t, k, known WHERE y IS NULL OR {exists(y)}
  WITH one, c, z, p, s, d, y WHERE (d.setKind = 'COMPONENT' AND c = one.q AND (y IS NULL OR y = one.y)) OR (d.setKind = 'PERSONA' AND c = one.y AND p = one.q)
  RETURN collect([one.x.id, one.period, z.id, d.setKind, p.id, s.weight, y IS NOT NULL]) AS weights
}
WITH *, [$of] + [x IN series | x[0]] + [x IN series | x[1]] + [x IN series | x[2]] + [x IN points | x[2]] + [x IN points | x[10]] + [x IN targets | x[2]] + [x IN limits | x[2]] + [x IN versions | x[2]] + [x IN weights | x[2]] + [x IN weights | x[4]] AS mentioned
CALL (mentioned, t, k, known) {
  UNWIND mentioned AS id
  WITH DISTINCT id, t, k, known
  MATCH (n:Identity {id: id})
  WITH n, t, k, known, {was(n)} AS s WHERE s IS NOT NULL
  WITH n, s, t, t AS asked, k, known, CASE WHEN s.validTo <= t THEN s.validTo - duration({microseconds: 1}) ELSE t END AS last
  RETURN collect({places}) AS things
}
RETURN {series: series, points: points, cells: [x IN cells | [x.x.id, x.q.id, x.y.id, x.period, x.moment]], targets: targets, limits: limits, versions: versions, weights: weights, full: full, things: things} AS answer, k
