// Copies the state in force to each identity whose copy is believed no longer since a load was published. The end of belief stays as it is: nobody believes the copy yet.
MATCH (e:Identity:{kind}) WHERE e.superseded <= $last
WITH e ORDER BY e.id
CALL (e) {
  SET e.lock = true
  REMOVE e.lock
  WITH e
  MATCH (l:Ledger) WHERE e.superseded <= l.published
  WITH e, head(COLLECT {
    MATCH (e)-[:STATE]->(y)
    WHERE y.recorded <= l.published AND l.published < y.superseded
      AND y.validFrom <= datetime() AND datetime() < y.validTo
    RETURN y }) AS y
  SET e = CASE WHEN y IS NULL THEN {id: e.id} ELSE y {.*, superseded: e.superseded} END
} IN TRANSACTIONS OF 1000 ROWS
RETURN count(*) AS answer
