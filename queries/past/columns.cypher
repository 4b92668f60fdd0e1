// What columns carry of things `seen` at one point of time.
{moment}
CALL (seen, t, k, known) {
  UNWIND seen AS a
  MATCH (a){before}-[r:{types}]-{after}(b:Identity) WHERE {holds(r)}
  WITH r, b WHERE {exists(b)}
  RETURN collect([type(r), {away}, b.id]) AS {into}
}
