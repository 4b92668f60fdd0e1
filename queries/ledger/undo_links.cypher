// Takes back what an abandoned load wrote about links.
MATCH ()-[r]->() WHERE r.recorded >= $first OR (r.superseded >= $first AND r.superseded < $open)
CALL (r) {
  WITH r, r.recorded >= $first AS gone
  FOREACH (_ IN CASE WHEN gone THEN [] ELSE [1] END | SET r.superseded = $open)
  FOREACH (_ IN CASE WHEN gone THEN [1] ELSE [] END | DELETE r)
} IN TRANSACTIONS OF 5000 ROWS
RETURN count(*) AS answer
