// Reads every state and link for the edges of their validity that are to come, the nearest first.
CALL () {
  MATCH (s) WHERE $now < s.validFrom AND s.validFrom < $far RETURN s.validFrom AS edge
  UNION
  MATCH (s) WHERE $now < s.validTo AND s.validTo < $far RETURN s.validTo AS edge
  UNION
  MATCH ()-[r]->() WHERE $now < r.validFrom AND r.validFrom < $far RETURN r.validFrom AS edge
  UNION
  MATCH ()-[r]->() WHERE $now < r.validTo AND r.validTo < $far RETURN r.validTo AS edge
}
WITH edge ORDER BY edge LIMIT $most
RETURN collect(edge) AS answer
