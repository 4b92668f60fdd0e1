// Targets in force that no decision stands behind.
{moment}
CALL (t, k, known) {
  MATCH (x:Target) WHERE {exists(x)}
  OPTIONAL MATCH (x)-[b:BACKED_BY]->(d:Decision) WHERE {holds(b)} AND {exists(d)}
  WITH x, count(d) AS decisions WHERE decisions = 0
  WITH x.id AS id ORDER BY id LIMIT $most
  RETURN {rows: collect({of: id, others: [], said: {}})} AS found
}
RETURN found AS answer, k
