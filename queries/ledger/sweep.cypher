// Takes the live label from states that a published commit superseded.
MATCH (x:{kind}Live) WHERE x.superseded <= $last
CALL (x) { REMOVE x:{kind}Live } IN TRANSACTIONS OF 5000 ROWS
RETURN count(*) AS answer
