// Objectives in use that no KPI measures.
{moment}
CALL (t, k, known) {
  MATCH (o:Objective)
  WITH o, t, k, known, {state(o)} AS s WHERE s IS NOT NULL AND s.status = 'ACTIVE'
  CALL (o, t, k, known) {
    MATCH (x:Kpi)-[m:MEASURES]->(o) WHERE {holds(m)} AND {exists(x)}
    RETURN count(x) AS measures
  }
  WITH o WHERE measures = 0
  WITH o.id AS id ORDER BY id LIMIT $most
  RETURN {rows: collect({of: id, others: [], said: {}})} AS found
}
RETURN found AS answer, k
