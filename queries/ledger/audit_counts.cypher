// How many states and links were recorded and superseded by each published commit.
MATCH (l:Ledger)
CALL (l) {
  MATCH ()-[:STATE|ERASED]->(x) WHERE x.recorded <= l.published
  RETURN x.recorded AS recorded, CASE WHEN x.superseded <= l.published THEN x.superseded END AS superseded, count(*) AS pieces
  UNION ALL
  MATCH (:Identity)-[r]->(:Identity) WHERE r.recorded <= l.published
  RETURN r.recorded AS recorded, CASE WHEN r.superseded <= l.published THEN r.superseded END AS superseded, count(*) AS pieces
}
RETURN collect([recorded, superseded, pieces]) AS answer
