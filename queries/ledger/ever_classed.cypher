// Everything that was ever recorded with one of some access classes, each with the class.
MATCH (s:{states})<-[h:STATE]-(e:Identity)
WITH e, s, s.recorded AS recorded, [{classes}] AS said
WHERE recorded <= $seen AND any(one IN said WHERE one IN $above)
UNWIND [one IN said WHERE one IN $above] AS class
RETURN collect(DISTINCT [e.id, class]) AS answer
