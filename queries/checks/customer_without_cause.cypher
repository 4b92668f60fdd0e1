// Customer objectives in use; what moves or makes up them and their KPIs, step by step; and which of this lies in the internal or learning perspective.
{moment}
CALL (t, k, known) {
  CALL (t, k, known) {
    MATCH (o:Objective)-[i:OBJECTIVE_IN_PERSPECTIVE]->(p:Perspective) WHERE {holds(i)}
    WITH o, p, t, k, known, {state(p)} AS q WHERE q IS NOT NULL AND q.perspectiveKind = 'CUSTOMER'
    WITH o, t, k, known, {state(o)} AS s WHERE s IS NOT NULL AND s.status = 'ACTIVE'
    WITH DISTINCT o ORDER BY o.id LIMIT $things
    RETURN collect(o) AS roots
  }
  CALL (roots, t, k, known) {
    UNWIND roots AS o
    MATCH (o)<-[f:AFFECTS|DRIVES|COMPONENT_OF|MEASURES*0..30]-(b:Identity) WHERE all(x IN f WHERE {holds(x)})
    WITH DISTINCT b, t, k, known WHERE {exists(b)}
    WITH b LIMIT $things + 1
    RETURN collect(b)[..$things] AS seen, count(b) > $things AS full
  }
  CALL (seen, t, k, known) {
    UNWIND seen AS a
    MATCH (a)<-[f:AFFECTS|DRIVES|COMPONENT_OF|MEASURES]-(b:Identity)
    WHERE {holds(f)} AND NOT coalesce(f.status, '') IN ['REFUTED', 'RETIRED'] AND {exists(b)}
    RETURN collect(DISTINCT [a.id, b.id]) AS edges
  }
  CALL (seen, t, k, known) {
    UNWIND seen AS a
    MATCH (a)-[i:OBJECTIVE_IN_PERSPECTIVE|KPI_IN_PERSPECTIVE]->(p:Perspective) WHERE {holds(i)}
    WITH a, p, {state(p)} AS q WHERE q IS NOT NULL AND q.perspectiveKind IN ['INTERNAL_PROCESS', 'LEARNING_GROWTH']
    RETURN collect(DISTINCT a.id) AS inside
  }
  WITH roots, full, edges, inside + [x IN seen WHERE x:Process | x.id] AS causes
  RETURN {rows: [o IN roots | {of: o.id, others: [], said: {}}], edges: edges, causes: causes, full: full} AS found
}
RETURN found AS answer, k
