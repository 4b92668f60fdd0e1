// Objectives in use that no KPI measures.
{moment}
CALL (t, k, known) {
  MATCH (o:Objective)
  WITH o, t, k, known, {state(o)} AS s WHERE s IS NOT NULL AND s.status = 'ACTIVE'
  OPTIONAL MATCH (x:Kpi)-[m:MEASURES]->(o) WHERE {holds(m)} AND {exists(x)}
  WITH o, count(x) AS measures WHERE measures = 0
  WITH o.id AS id ORDER BY id LIMIT $most
  RETURN {rows: collect({of: id, others: [], said: {}})} AS found
}
RETURN found AS answer, k
