// Leaves of the audit in their order, from a place in an entry on.
MATCH (p:AuditPart) WHERE p.entry >= $entry AND p.entry <= $last AND (p.entry > $entry OR p.place >= $place)
WITH p ORDER BY p.entry, p.place LIMIT $count
RETURN collect([p.entry, p.place, p.leaves]) AS answer
