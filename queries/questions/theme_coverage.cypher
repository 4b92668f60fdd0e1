// Every pain point with its theme and the personas that feel it, and every theme with its objectives.
{moment}
CALL (t, k, known) {
  MATCH (a:PainPoint)
  WITH a, t, k, known, {state(a)} AS s WHERE s IS NOT NULL
  OPTIONAL MATCH (a)-[o:PAIN_IN_THEME]->(b:Theme) WHERE {holds(o)} AND {exists(b)}
  OPTIONAL MATCH (a)<-[h:HAS_PAIN]-(p:Persona) WHERE {holds(h)} AND {exists(p)}
  RETURN collect([a.id, s.severity, b.id, p.id, h.weight]) AS pains
}
CALL (t, k, known) {
  MATCH (b:Theme) WHERE {exists(b)}
  OPTIONAL MATCH (b)<-[o:IN_THEME]-(a:Objective) WHERE {holds(o)} AND {exists(a)}
  RETURN collect([b.id, a.id]) AS themes
}
WITH *, [x IN pains | x[0]] + [x IN pains | x[3]] + [x IN themes | x[0]] + [x IN themes | x[1]] AS told
CALL (told, t, k, known) {
  UNWIND told AS id
  WITH DISTINCT id, t, k, known WHERE id IS NOT NULL
  MATCH (n:Identity {id: id})
  WITH n, t, k, known, {state(n)} AS s WHERE s IS NOT NULL
  RETURN collect({places}) AS things
}
RETURN {pains: pains, themes: themes, things: things} AS answer, k
