// Personas in use that no objective is for, and segments of which this holds and for all their personas.
{moment}
CALL (t, k, known) {
  MATCH (g:Segment|Persona)
  WITH g, t, k, known, {state(g)} AS s WHERE s IS NOT NULL AND s.status = 'ACTIVE'
  OPTIONAL MATCH (g)<-[f:FOR_GROUP]-(o:Objective) WHERE {holds(f)} AND {exists(o)}
  WITH g, t, k, known, count(o) AS own
  OPTIONAL MATCH (g)<-[p:PERSONA_OF]-(x:Persona)<-[h:FOR_GROUP]-(z:Objective)
  WHERE {holds(p)} AND {holds(h)} AND {exists(x)} AND {exists(z)}
  WITH g, own, count(z) AS through
  WITH g WHERE own + through = 0
  WITH g.id AS id ORDER BY id LIMIT $most
  RETURN {rows: collect({of: id, others: [], said: {}})} AS found
}
RETURN found AS answer, k
