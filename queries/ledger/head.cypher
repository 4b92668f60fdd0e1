// Where the ledger stands, and until when what is in force at $now stays so: not after $now where that is not known.
MATCH (l:Ledger)
RETURN {head: l.head, published: l.published,
        until: CASE WHEN l.boundariesHead = l.head
          THEN reduce(until = l.boundariesUntil, edge IN l.boundaries |
            CASE WHEN $now < edge AND edge < until THEN edge ELSE until END)
          ELSE 0 END} AS answer
