// Things of a kind that are believed to have one of some values, as of a commit.
MATCH (s:{kind}State) WHERE s.`{field}` IN $values AND s.recorded <= $seen AND $seen < s.superseded
RETURN collect(DISTINCT s.id) AS answer
