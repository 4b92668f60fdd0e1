// Processes in use that drive no KPI.
{moment}
CALL (t, k, known) {
  MATCH (p:Process)
  WITH p, t, k, known, {state(p)} AS s WHERE s IS NOT NULL AND s.status = 'ACTIVE'
  OPTIONAL MATCH (p)-[d:DRIVES]->(x:Kpi) WHERE {holds(d)} AND {exists(x)}
  WITH p, count(x) AS driven WHERE driven = 0
  WITH p.id AS id ORDER BY id LIMIT $most
  RETURN {rows: collect({of: id, others: [], said: {}})} AS found
}
RETURN found AS answer, k
