// Some things as told at one of several points of time.
{moment}
UNWIND ids AS id
MATCH (n:Identity {id: id})
WITH n, t, k, known, {state(n)} AS s WHERE s IS NOT NULL
RETURN collect({places}) AS answer, k
