// Everything that feeds $of (or that it feeds) within {depth} hops, as it stood and was known; the steps among these, and who answers for them. With $ended, what is over is told as of its last instant. Things first, steps after: never every path. Owners only where they are $owned, which is asked for.
{moment}
CALL (t, k, known) {
  MATCH (n:Identity {id: $of})
  WITH n, t, k, known, {was(n)} AS s WHERE s IS NOT NULL
  RETURN head(collect(CASE WHEN $ended AND s.validTo <= t THEN s.validTo END)) AS ended
}
WITH k, known, ended, coalesce(ended - duration({microseconds: 1}), t) AS t
CALL (t, k, known) {
  MATCH (root:Identity {id: $of}) WHERE {exists(root)}
  MATCH (root){into}-[f:{flowing}*0..{depth}]-{out}(b:{layered}) WHERE all(x IN f WHERE {holds(x)})
  WITH DISTINCT b, t, k, known WHERE {exists(b)}
  WITH b LIMIT $rows + 1
  RETURN collect(b)[..$rows] AS seen, count(b) > $rows AS full
}
CALL (seen, t, k, known) {
  UNWIND seen AS a
  MATCH (a){into}-[f:{flowing}]-{out}(b:{layered}) WHERE {holds(f)}
  WITH a, f, b, b IN seen AS inside WHERE inside OR {exists(b)}
  RETURN collect(CASE WHEN inside THEN [f.id, b.id, a.id, f.transformation, f.delayHours, f.job] END) AS edges,
         collect(DISTINCT CASE WHEN NOT inside THEN a.id END) AS cut
}
WITH *, [x IN seen | x.id] AS ids
WITH *, ids + [x IN edges WHERE x[5] IS NOT NULL | 'job:' + x[5]] AS answered
CALL (answered, t, k, known) {
  UNWIND CASE WHEN $owned THEN answered ELSE [] END AS id
  WITH DISTINCT id, t, k, known
  MATCH (x:Identity {id: id})<-[c:HOLDS|HAS_FIELD*0..2]-(y:Identity) WHERE all(h IN c WHERE {holds(h)})
  MATCH (y)-[o:OWNED_BY]->(r:Role) WHERE {holds(o)} AND o.accountability <> 'SPONSOR'
  WITH x, y, r WHERE {exists(x)} AND {exists(y)} AND {exists(r)}
  RETURN collect(DISTINCT [x.id, r.id]) AS owning
}
CALL (answered, owning, t, k, known) {
  UNWIND answered + [x IN owning | x[1]] AS id
  WITH DISTINCT id, t, k, known
  MATCH (n:Identity {id: id})
  WITH n, t, k, known, {state(n)} AS s WHERE s IS NOT NULL
  RETURN collect({places}) AS things
}
RETURN {seen: ids, full: full, ended: ended, edges: edges, cut: cut, owning: owning, things: things} AS answer, k
