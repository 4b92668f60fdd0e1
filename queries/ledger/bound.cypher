// Notes the edges of validity that are to come, and before when all of them are known, unless something was published meanwhile.
MATCH (l:Ledger) WHERE l.head = $head
SET l.boundaries = $boundaries, l.boundariesUntil = $boundariesUntil, l.boundariesHead = $head
RETURN l.boundariesUntil AS answer
