// Lagging KPIs in use that no leading KPI is known to move; a link that was refuted or retired says nothing.
{moment}
CALL (t, k, known) {
  MATCH (x:Kpi)<-[v:VERSION_OF]-(y:KpiVersion) WHERE {holds(v)}
  WITH x, y, t, k, known, {state(y)} AS w WHERE w IS NOT NULL AND w.indicatorKind = 'LAGGING'
  WITH x, t, k, known, {state(x)} AS s WHERE s IS NOT NULL AND s.status = 'ACTIVE'
  CALL (x, t, k, known) {
    MATCH (x)<-[a:AFFECTS]-(c:Kpi)<-[v:VERSION_OF]-(y:KpiVersion)
    WHERE {holds(a)} AND NOT coalesce(a.status, '') IN ['REFUTED', 'RETIRED'] AND {holds(v)} AND {exists(c)}
    WITH y, {state(y)} AS w WHERE w IS NOT NULL AND w.indicatorKind = 'LEADING'
    RETURN count(y) AS leading
  }
  WITH x WHERE leading = 0
  WITH DISTINCT x.id AS id ORDER BY id LIMIT $most
  RETURN {rows: collect({of: id, others: [], said: {}})} AS found
}
RETURN found AS answer, k
