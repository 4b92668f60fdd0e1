// A page of who read what, newest first.
MATCH (a:Access)
WHERE ($since IS NULL OR a.at >= $since) AND ($until IS NULL OR a.at < $until)
  AND ($subject IS NULL OR a.subject = $subject) AND ($of IS NULL OR $of IN a.of)
  AND ($at IS NULL OR a.at < $at OR (a.at = $at AND a.key < $key))
WITH a ORDER BY a.at DESC, a.key DESC LIMIT $rows
RETURN collect(a {.*}) AS answer
