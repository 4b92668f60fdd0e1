// Who is at work in a database, of these or of all.
SHOW TRANSACTIONS YIELD transactionId, database
WHERE database = $database AND ($among IS NULL OR transactionId IN $among)
RETURN collect(transactionId) AS answer
