// Takes back what an abandoned load wrote about things: its states go, what it superseded is believed again and copied.
MATCH (e:Identity)-[:STATE]->(x)
WHERE x.recorded >= $first OR (x.superseded >= $first AND x.superseded < $open)
CALL (e, x) {
  WITH e, x, x.recorded >= $first AS gone
  FOREACH (_ IN CASE WHEN gone THEN [] ELSE [1] END | SET x.superseded = $open)
  FOREACH (_ IN CASE WHEN gone THEN [1] ELSE [] END | DETACH DELETE x)
  WITH DISTINCT e
  WITH e, head(COLLECT {
    MATCH (e)-[:STATE]->(y)
    WHERE y.recorded < $first AND y.superseded = $open AND y.validFrom <= datetime() AND datetime() < y.validTo
    RETURN y }) AS y
  SET e = CASE WHEN y IS NULL THEN {id: e.id} ELSE properties(y) END
} IN TRANSACTIONS OF 5000 ROWS
RETURN count(*) AS answer
