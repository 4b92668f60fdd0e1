// Gives links at an erased thing its pseudonym, and ends belief in them; a key of their own, which older versions wrote, goes.
UNWIND $links AS row
MATCH (e:Identity {id: row.at})-[r]-(:Identity) WHERE elementId(r) = row.ref
SET r.id = row.id, r.key = null, r.superseded = CASE WHEN r.superseded > $commit THEN $commit ELSE r.superseded END
RETURN count(*) AS answer
