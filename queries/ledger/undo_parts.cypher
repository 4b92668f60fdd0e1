// Takes back the leaves that an abandoned load kept for an entry that did not come.
MATCH (p:AuditPart) WHERE p.entry >= $entry
CALL (p) { DELETE p } IN TRANSACTIONS OF 1000 ROWS
RETURN count(*) AS answer
