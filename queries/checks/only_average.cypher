// KPIs in use that are measured over all customers only, where there are segments or personas in use.
{moment}
CALL (t, k, known) {
  CALL (t, k, known) {
    MATCH (g:Segment|Persona)
    WITH g, {state(g)} AS w WHERE w IS NOT NULL AND w.status = 'ACTIVE'
    RETURN count(g) AS groups
  }
  WITH t, k, known, groups WHERE groups > 0
  MATCH (x:Kpi)-[h:HAS_SERIES]->(y:Series) WHERE {holds(h)}
  WITH x, y, t, k, known, {state(y)} AS w WHERE w IS NOT NULL
  WITH x, t, k, known, collect(DISTINCT w.scopeKind) AS scopes WHERE scopes = ['ALL']
  WITH x, {state(x)} AS s WHERE s IS NOT NULL AND s.status = 'ACTIVE'
  WITH x.id AS id ORDER BY id LIMIT $most
  RETURN {rows: collect({of: id, others: [], said: {}})} AS found
}
RETURN found AS answer, k
