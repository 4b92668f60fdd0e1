// Where the ledger stands, and until when what is in force at $now stays so: not after $now where that is not known.
MATCH (l:Ledger)
RETURN {head: l.head, published: l.published,
        until: reduce(until = coalesce(l.boundariesUntil, 0), edge IN coalesce(l.boundaries, []) |
          CASE WHEN $now < edge AND edge < until THEN edge ELSE until END)} AS answer
