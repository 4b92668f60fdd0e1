// Where a walk begins at one point of time: a thing, or the ends of a link.
{moment}
CALL (t, k, known) {
  UNWIND $roots AS id
  MATCH (a:Identity {id: id}) WHERE {exists(a)}
  RETURN collect(a) AS l0
}
{levels}
RETURN {lists} AS answer, k
