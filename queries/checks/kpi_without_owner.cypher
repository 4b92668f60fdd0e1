// KPIs in use that no role answers for; to sponsor is not to answer for.
{moment}
CALL (t, k, known) {
  MATCH (x:Kpi)
  WITH x, t, k, known, {state(x)} AS s WHERE s IS NOT NULL AND s.status = 'ACTIVE'
  OPTIONAL MATCH (x)-[o:OWNED_BY]->(r:Role) WHERE {holds(o)} AND o.accountability <> 'SPONSOR' AND {exists(r)}
  WITH x, count(r) AS owners WHERE owners = 0
  WITH x.id AS id ORDER BY id LIMIT $most
  RETURN {rows: collect({of: id, others: [], said: {}})} AS found
}
RETURN found AS answer, k
