// Causal links that were recorded before their newest evidence, and those that claim to be tested and have none.
{moment}
CALL (t, k, known) {
  CALL (t, k, known) {
    MATCH (e:LinkEvidence)
    WITH e, t, k, known, {state(e)} AS w WHERE w IS NOT NULL AND w.link IS NOT NULL
    WITH 'affects:' + w.link AS link, {recorded(w)} AS at
    WITH link, max(at) AS newest
    RETURN collect([link, newest]) AS evidence, collect(link) AS known_of
  }
  CALL (evidence, t, k, known) {
    UNWIND evidence AS one
    MATCH (a:Identity)-[r:AFFECTS {id: one[0]}]->(b:Identity) WHERE {holds(r)} AND {exists(a)} AND {exists(b)}
    WITH r.id AS id, {recorded(r)} AS since, one[1] AS newest WHERE since < newest
    WITH id, since, newest ORDER BY id LIMIT $most
    RETURN collect({of: id, others: [], said: {since: toString(since), newest: toString(newest)}}) AS older
  }
  CALL (known_of, t, k, known) {
    MATCH (a:Identity)-[r:AFFECTS]->(b:Identity)
    WHERE {holds(r)} AND r.status IN ['TESTED', 'SUPPORTED'] AND NOT r.id IN known_of AND {exists(a)} AND {exists(b)}
    WITH r.id AS id, r.status AS status ORDER BY id LIMIT $most
    RETURN collect({of: id, others: [], said: {status: status}}) AS bare
  }
  RETURN {rows: older + bare} AS found
}
RETURN found AS answer, k
