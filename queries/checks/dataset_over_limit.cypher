// Datasets in use with more errors or delay than they or a service level allow; and what their fields feed, step by step.
{moment}
CALL (t, k, known) {
  CALL (t, k, known) {
    MATCH (d:Dataset)
    WITH d, t, k, known, {state(d)} AS s WHERE s IS NOT NULL AND s.status = 'ACTIVE'
    CALL (d, t, k, known) {
      MATCH (d)<-[h:LEVEL_OF_DATA]-(v:ServiceLevel) WHERE {holds(h)}
      WITH v, {state(v)} AS w WHERE w IS NOT NULL AND w.status = 'ACTIVE' AND w.metric IN ['ERROR_RATE', 'DELAY']
      RETURN collect([w.metric, CASE w.unit WHEN 'd' THEN 24 * w.limit WHEN '%' THEN w.limit / 100 ELSE w.limit END, v.id]) AS promised
    }
    WITH d, s, [['ERROR_RATE', s.maxErrorRate, null], ['DELAY', s.maxDelayHours, null]] + promised AS limits
    WITH d, [x IN limits | [x[0], CASE x[0] WHEN 'DELAY' THEN s.delayHours ELSE s.errorRate END, x[1], x[2]]] AS measured
    WITH d, [x IN measured WHERE x[1] > x[2]] AS passed WHERE size(passed) > 0
    WITH d, passed ORDER BY d.id LIMIT $most
    RETURN collect([d, passed]) AS over
  }
  CALL (over, t, k, known) {
    UNWIND over AS one
    WITH one[0] AS d, t, k, known
    MATCH (d:Dataset)-[f:HAS_FIELD|FEEDS|VERSION_OF|COMPONENT_OF*0..30]->(b:Identity) WHERE {exists(d)} AND all(x IN f WHERE {holds(x)})
    WITH DISTINCT b, t, k, known WHERE {exists(b)}
    WITH b LIMIT $things + 1
    RETURN collect(b)[..$things] AS seen, count(b) > $things AS full
  }
  CALL (seen, t, k, known) {
    UNWIND seen AS a
    MATCH (a)-[f:HAS_FIELD|FEEDS|VERSION_OF|COMPONENT_OF]->(b:Identity) WHERE {holds(f)} AND {exists(b)}
    RETURN collect(DISTINCT [a.id, b.id]) AS edges
  }
  WITH over, full, edges, [x IN seen WHERE x:Kpi | x.id] AS kpis
  RETURN {rows: [x IN over | {of: x[0].id, others: kpis, said: {passed: x[1]}}], edges: edges, full: full} AS found
}
RETURN found AS answer, k
