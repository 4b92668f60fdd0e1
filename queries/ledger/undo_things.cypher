// Takes back what an abandoned load wrote about things: its states go, what it superseded is believed again, and so is the copy of it.
MATCH (e:Identity)-[:STATE]->(x)
WHERE x.recorded >= $first OR (x.superseded >= $first AND x.superseded < $open)
CALL (e, x) {
  WITH e, x, x.recorded >= $first AS gone
  FOREACH (_ IN CASE WHEN gone THEN [] ELSE [1] END | SET x.superseded = $open)
  FOREACH (_ IN CASE WHEN gone THEN [1] ELSE [] END | DETACH DELETE x)
  WITH DISTINCT e
  FOREACH (_ IN CASE WHEN e.recorded < $first AND e.superseded >= $first THEN [1] ELSE [] END | SET e.superseded = $open)
  FOREACH (_ IN CASE WHEN e.recorded >= $first THEN [1] ELSE [] END | SET e = {id: e.id})
} IN TRANSACTIONS OF 5000 ROWS
RETURN count(*) AS answer
