// KPIs in use that are neither derived from anything nor made of other KPIs.
{moment}
CALL (t, k, known) {
  MATCH (x:Kpi)
  WITH x, t, k, known, {state(x)} AS s WHERE s IS NOT NULL AND s.status = 'ACTIVE'
  OPTIONAL MATCH (x)<-[v:VERSION_OF]-(y:KpiVersion)<-[f:FEEDS]-(z:Identity) WHERE {holds(v)} AND {holds(f)} AND {exists(y)} AND {exists(z)}
  WITH x, t, k, known, count(z) AS origins
  OPTIONAL MATCH (x)<-[c:COMPONENT_OF]-(part:Kpi) WHERE {holds(c)} AND {exists(part)}
  WITH x, origins, count(part) AS components
  WITH x WHERE origins + components = 0
  WITH x.id AS id ORDER BY id LIMIT $most
  RETURN {rows: collect({of: id, others: [], said: {}})} AS found
}
RETURN found AS answer, k
