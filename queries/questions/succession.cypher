// What took the place of $of, and whose place it took, within 50 steps either way; for a version of a formula all versions of its KPI.
{moment}
CALL (t, k, known) {
  MATCH (n:Identity {id: $of})
  WITH n, t, k, known WHERE {lived(n)}
  MATCH (n)-[f:SUCCEEDED_BY*0..50]->(b:Identity) WHERE all(x IN f WHERE {held(x)})
  WITH DISTINCT b, t, k, known WHERE {lived(b)}
  WITH b LIMIT $rows + 1
  RETURN collect(b) AS later
}
CALL (t, k, known) {
  MATCH (n:Identity {id: $of})
  WITH n, t, k, known WHERE {lived(n)}
  MATCH (n)<-[f:SUCCEEDED_BY*0..50]-(b:Identity) WHERE all(x IN f WHERE {held(x)})
  WITH DISTINCT b, t, k, known WHERE {lived(b)}
  WITH b LIMIT $rows + 1
  RETURN collect(b) AS earlier
}
WITH *, t AS asked
CALL (later, earlier, asked, k, known) {
  UNWIND later + earlier AS a
  WITH DISTINCT a, asked AS t, k, known
  WITH a, t, k, known, {was(a)} AS s WHERE s IS NOT NULL AND s.validTo <= t
  WITH a, s, s.validTo - duration({microseconds: 1}) AS t, k, known
  MATCH (a)-[f:SUCCEEDED_BY]->(b:Identity) WHERE {holds(f)}
  OPTIONAL MATCH (a)-[d:BACKED_BY]->(c:Decision) WHERE {holds(d)}
  WITH a, b, s, c, asked AS t, k, known
  WITH a, b, s, c, t, k, known WHERE {lived(b)}
  WITH a, b, s, c, t, k, known WHERE c IS NULL OR {lived(c)}
  WITH a, b, s, min(c.id) AS decision
  RETURN collect([a.id, b.id, s.validTo, s.ending, s.rationale, s.evidence, decision]) AS steps
}
CALL (t, k, known) {
  MATCH (n:KpiVersion {id: $of})
  WITH n, t, k, known WHERE {lived(n)}
  MATCH (n)-[m:VERSION_OF]->(q:Kpi) WHERE {held(m)} AND {lived(q)}
  WITH DISTINCT q, t, k, known
  MATCH (q)<-[o:VERSION_OF]-(v:KpiVersion) WHERE {held(o)}
  WITH v, t, k, known, {was(v)} AS s WHERE s IS NOT NULL
  OPTIONAL MATCH (v)-[d:BACKED_BY]->(c:Decision) WHERE {held(d)}
  WITH v, s, c, t, k, known WHERE c IS NULL OR {lived(c)}
  WITH v, s, min(c.id) AS decision
  RETURN collect([v.id, s.version, s.validFrom, s.validTo, s.formula, decision]) AS versions
}
WITH *, [$of] + [x IN later | x.id] + [x IN earlier | x.id] + [x IN steps | x[6]] + [x IN versions | x[0]] + [x IN versions | x[5]] AS mentioned
CALL (mentioned, asked, t, k, known) {
  UNWIND mentioned AS id
  WITH DISTINCT id, asked, t, k, known
  MATCH (n:Identity {id: id})
  WITH n, t, asked, k, known, {was(n)} AS s WHERE s IS NOT NULL
  WITH n, s, t, asked, k, known, CASE WHEN s.validTo <= t THEN s.validTo - duration({microseconds: 1}) ELSE t END AS last
  RETURN collect({places}) AS things, collect(CASE WHEN s.validTo > t THEN n.id END) AS living
}
RETURN {living: living, full: size(later) > $rows OR size(earlier) > $rows, steps: steps, versions: versions, things: things} AS answer, k
