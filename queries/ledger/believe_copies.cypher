// Gives each copy that is believed no longer the end of the state of which it is a copy.
MATCH (e:Identity:{kind}) WHERE e.superseded <= $last
WITH e ORDER BY e.id
CALL (e) {
  SET e.lock = true
  REMOVE e.lock
  WITH e
  MATCH (e)-[:STATE]->(y) WHERE y.recorded = e.recorded AND y.validFrom = e.validFrom
  SET e.superseded = y.superseded
} IN TRANSACTIONS OF 1000 ROWS
RETURN count(*) AS answer
