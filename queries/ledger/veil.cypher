// Pseudonyms and salts of things that speak of persons; those that have none yet get the ones proposed.
UNWIND $rows AS row
MERGE (p:Pseudonym {id: row[0]})
ON CREATE SET p.alias = row[1], p.salt = row[2]
RETURN collect([p.id, p.alias, p.salt]) AS answer
