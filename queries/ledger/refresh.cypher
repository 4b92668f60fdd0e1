// Leaves a copy of the state in force on each identity whose copy is believed no longer since a load was published.
MATCH (e:Identity:{kind}) WHERE e.superseded <= $last
WITH e ORDER BY e.id
CALL (e) {
  SET e.lock = true
  REMOVE e.lock
  WITH e
  MATCH (l:Ledger)
  WITH e, head(COLLECT {
    MATCH (e)-[:STATE]->(y)
    WHERE y.recorded <= l.published AND l.published < y.superseded
      AND y.validFrom <= datetime() AND datetime() < y.validTo
    RETURN y }) AS y
  SET e = CASE WHEN y IS NULL THEN {id: e.id} ELSE properties(y) END
} IN TRANSACTIONS OF 1000 ROWS
RETURN count(*) AS answer
