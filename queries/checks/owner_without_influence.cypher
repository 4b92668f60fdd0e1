// Roles that answer for KPIs in use and can only report them, with these KPIs.
{moment}
CALL (t, k, known) {
  MATCH (r:Role)
  WITH r, t, k, known, {state(r)} AS s WHERE s IS NOT NULL AND s.status = 'ACTIVE' AND s.influence = 'REPORTING'
  MATCH (r)<-[o:OWNED_BY]-(x:Kpi) WHERE {holds(o)} AND o.accountability <> 'SPONSOR'
  WITH r, x, {state(x)} AS w WHERE w IS NOT NULL AND w.status = 'ACTIVE'
  WITH r, x ORDER BY x.id
  WITH r.id AS id, collect(DISTINCT x.id) AS owned ORDER BY id LIMIT $most
  RETURN {rows: collect({of: id, others: owned[..$most], said: {}})} AS found
}
RETURN found AS answer, k
