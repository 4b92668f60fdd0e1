// Two points of time side by side: what is around at each, what is at one only as told there, and what all of it says. Both points go one way, one after the other, so that neither carries what the other found.
{moments}
UNWIND [1, 2] AS side
CALL (side, k, t1, known1, t2, known2) {
  WITH CASE side WHEN 1 THEN t1 ELSE t2 END AS t, k, CASE side WHEN 1 THEN known1 ELSE known2 END AS known
  {around}
}
WITH k, t1, known1, t2, known2, side, levels ORDER BY side
WITH k, t1, known1, t2, known2, collect(levels) AS both
WITH *, any(levels IN both WHERE any(level IN levels WHERE size(level) > $rows)) AS wide,
  [levels IN both | reduce(found = [], level IN levels | found + CASE WHEN size(level) <= $rows THEN level ELSE [] END)] AS found
WITH *, [nodes IN found | [x IN nodes | x.id]] AS ids
WITH *, [x IN ids[0] WHERE wide OR NOT x IN ids[1]] AS alone1, [x IN ids[1] WHERE wide OR NOT x IN ids[0]] AS alone2
CALL (k, t1, known1, alone1) {
  WITH t1 AS t, k, known1 AS known, alone1 AS ids
  {told_first}
}
CALL (k, t2, known2, alone2) {
  WITH t2 AS t, k, known2 AS known, alone2 AS ids
  {told_second}
}
UNWIND [1, 2] AS side
CALL (side, k, t1, known1, t2, known2, found) {
  WITH CASE side WHEN 1 THEN t1 ELSE t2 END AS t, k, CASE side WHEN 1 THEN known1 ELSE known2 END AS known, found[side - 1] AS seen
  {facts}
}
WITH k, side, both, things1, things2, said ORDER BY side
WITH k, both, things1, things2, collect(said) AS sides
RETURN {sides: sides, levels: [levels IN both | [level IN levels | [x IN level | x.id]]], things: [things1, things2]} AS answer, k
