// What things `seen` say at one point of time, and what is told beside them.
{moment}
CALL (seen, t, k, known) {
  UNWIND seen AS a
  WITH a, {state(a)} AS s WHERE s IS NOT NULL
  RETURN collect([a.id, properties(s)]) AS things
}
{beside}
RETURN {things: things, links: {links}, carried: {carried}} AS answer, k
