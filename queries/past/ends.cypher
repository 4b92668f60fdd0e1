// The link that has an id, with its ends.
{moment}
CALL (t, k, known) {
  MATCH (a:Identity)-[r:{type} {id: $of}]->(b:Identity) WHERE {holds(r)}
  WITH a, r, b WHERE {exists(a)} AND {exists(b)}
  RETURN collect([r.id, a.id, b.id, properties(r)]) AS own
}
