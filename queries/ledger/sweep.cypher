// Takes the live label from states that a published commit superseded.
MATCH (x:{kind}Live) WHERE x.superseded <= $last
REMOVE x:{kind}Live
RETURN count(x) AS answer
