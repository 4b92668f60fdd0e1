// Notes the edges of validity that are to come, and before when all of them are known.
MATCH (l:Ledger)
SET l.boundaries = $boundaries, l.boundariesUntil = $boundariesUntil
RETURN l.boundariesUntil AS answer
