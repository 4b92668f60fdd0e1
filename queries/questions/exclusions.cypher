// What is kept off the scorecard by decision, with the decision behind it.
{moment}
CALL (t, k, known) {
  MATCH (a:{kinds})
  WITH a, t, k, known, {state(a)} AS s WHERE s IS NOT NULL
  WITH a, s, t, k, known WHERE s.status = 'EXCLUDED'
  OPTIONAL MATCH (a)-[d:BACKED_BY]->(c:Decision) WHERE {holds(d)}
  WITH a, s, c, t, k, known WHERE c IS NULL OR {exists(c)}
  WITH a, s, min(c.id) AS decision ORDER BY a.id LIMIT $rows + 1
  RETURN collect([a.id, s.validFrom, s.rationale, s.evidence, toString(s.reviewAt), decision]) AS found
}
WITH *, [x IN found | x[0]] + [x IN found | x[5]] AS told
CALL (told, t, k, known) {
  UNWIND told AS id
  WITH DISTINCT id, t, k, known WHERE id IS NOT NULL
  MATCH (n:Identity {id: id})
  WITH n, t, k, known, {state(n)} AS s WHERE s IS NOT NULL
  RETURN collect({places}) AS things
}
RETURN {found: found[..$rows], full: size(found) > $rows, at: t, things: things} AS answer, k
