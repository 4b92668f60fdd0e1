// Labels of nodes and types of relationships that are in use.
CALL () {
  CALL db.labels() YIELD label RETURN label AS word
  UNION ALL
  CALL db.relationshipTypes() YIELD relationshipType RETURN relationshipType AS word
}
RETURN collect(word) AS answer
