// KPIs in use that are measured over all customers only, where there are segments or personas in use.
{moment}
CALL (t, k, known) {
  CALL (t, k, known) {
    MATCH (g:Segment|Persona)
    WITH g, {state(g)} AS w WHERE w IS NOT NULL AND w.status = 'ACTIVE'
    RETURN count(g) AS groups
  }
  WITH t, k, known, groups WHERE groups > 0
  MATCH (x:Kpi)
  WITH x, t, k, known, {state(x)} AS s WHERE s IS NOT NULL AND s.status = 'ACTIVE'
  CALL (x, t, k, known) {
    MATCH (x)-[h:HAS_SERIES]->(y:Series) WHERE {holds(h)}
    WITH y, {state(y)} AS w WHERE w IS NOT NULL
    RETURN count(y) AS series, count(CASE WHEN w.scopeKind = 'ALL' THEN y END) AS averages
  }
  WITH x WHERE series > 0 AND series = averages
  WITH x.id AS id ORDER BY id LIMIT $most
  RETURN {rows: collect({of: id, others: [], said: {}})} AS found
}
RETURN found AS answer, k
