// The links among things `seen` at one point of time.
{moment}
CALL (seen, t, k, known) {
  UNWIND seen AS a
  MATCH (a)-[r]->(b:Identity) WHERE {holds(r)} AND b IN seen
  WITH a, r, b WHERE {exists(b)}
  RETURN collect([r.id, a.id, b.id, properties(r)]) AS links
}
