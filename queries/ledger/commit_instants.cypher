// Says when commits were recorded.
UNWIND $sequences AS sequence
MATCH (c:Commit {sequence: sequence})
RETURN collect([sequence, c.at]) AS answer
