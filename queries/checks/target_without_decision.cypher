// Targets in force that no decision stands behind.
{moment}
CALL (t, k, known) {
  MATCH (x:Target) WHERE {exists(x)}
  CALL (x, t, k, known) {
    MATCH (x)-[b:BACKED_BY]->(d:Decision) WHERE {holds(b)} AND {exists(d)}
    RETURN count(d) AS decisions
  }
  WITH x WHERE decisions = 0
  WITH x.id AS id ORDER BY id LIMIT $most
  RETURN {rows: collect({of: id, others: [], said: {}})} AS found
}
RETURN found AS answer, k
