// Types of relationships that are in use.
CALL db.relationshipTypes() YIELD relationshipType
RETURN collect(relationshipType) AS answer
