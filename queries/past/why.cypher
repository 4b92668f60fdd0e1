// Why something changed: what changed of it (and of the whole it is a part of), the decisions that may stand behind, in which review each was taken, what each rests on or is about, and the observations behind that.
{moment}
{root}
WITH *, {past} AS past, {whole} AS whole
CALL (past, whole, t, k, known) {
  UNWIND [x IN coalesce(past[4], []) + coalesce(whole[4], []) | x[0]] AS id
  WITH DISTINCT id
  MATCH (d:Decision {id: id})
  WITH d, {state(d)} AS s WHERE s IS NOT NULL
  CALL (d, t, k, known) {
    MATCH (d)-[i:DECIDED_IN]->(v:Review) WHERE {holds(i)}
    WITH v, {state(v)} AS w WHERE w IS NOT NULL
    RETURN collect([v.id, w.name]) AS reviews
  }
  RETURN collect([d.id, s.name, s.decidedOn, s.text, s.reason, s.evidence, s.about, reviews]) AS taken
}
CALL (taken, t, k, known) {
  UNWIND taken AS x
  UNWIND [y IN split(coalesce(x[5], ''), ';') | trim(y)] + coalesce(x[6], []) AS id
  WITH DISTINCT id
  MATCH (n:Identity {id: id})
  WITH n, {state(n)} AS s WHERE s IS NOT NULL
  CALL (n, t, k, known) {
    MATCH (n)-[b:{observed}]->(o:Observation) WHERE {holds(b)}
    WITH o, {state(o)} AS p WHERE p IS NOT NULL
    RETURN collect([o.id, p.period, p.value]) AS points
  }
  RETURN collect([n.id, s.period, s.value, points]) AS grounds
}
WITH *, [$of] + [x IN taken | x[0]] + reduce(ids = [], x IN taken | ids + [y IN x[7] | y[0]]) + [x IN grounds | x[0]] + reduce(ids = [], x IN grounds | ids + [y IN x[3] | y[0]]) AS told
CALL (told, t, k, known) {
  UNWIND told AS id
  WITH DISTINCT id
  MATCH (n:Identity {id: id})
  WITH n, {state(n)} AS s WHERE s IS NOT NULL
  RETURN collect({places}) AS things
}
RETURN {known: {known}, past: past, whole: whole, taken: taken, grounds: grounds, things: things} AS answer, k
