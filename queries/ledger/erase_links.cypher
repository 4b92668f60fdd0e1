// Gives links at an erased thing its pseudonym, and ends belief in them.
UNWIND $links AS row
MATCH (e:Identity {id: row.at})-[r]-(:Identity) WHERE elementId(r) = row.ref
SET r.id = row.id, r.key = row.key, r.superseded = CASE WHEN r.superseded > $commit THEN $commit ELSE r.superseded END
RETURN count(*) AS answer
