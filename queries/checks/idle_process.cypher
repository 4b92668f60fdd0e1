// Processes in use that drive no KPI.
{moment}
CALL (t, k, known) {
  MATCH (p:Process)
  WITH p, t, k, known, {state(p)} AS s WHERE s IS NOT NULL AND s.status = 'ACTIVE'
  CALL (p, t, k, known) {
    MATCH (p)-[d:DRIVES]->(x:Kpi) WHERE {holds(d)} AND {exists(x)}
    RETURN count(x) AS driven
  }
  WITH p WHERE driven = 0
  WITH p.id AS id ORDER BY id LIMIT $most
  RETURN {rows: collect({of: id, others: [], said: {}})} AS found
}
RETURN found AS answer, k
