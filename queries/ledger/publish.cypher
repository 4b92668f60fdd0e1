// Makes commits seen, all at once, together with their audit entry and those of its leaves that are not there yet.
MATCH (l:Ledger)
SET l.last = $last, l.published = $last, l.runs = $runs, l.latest = $latest, l.newest = $newest,
    l.entries = $entry.sequence, l.head = $entry.hash,
    l.batch = $batch, l.batchAt = $at, l.batchSize = $size,
    l.stale = $stale, l.boundaries = $boundaries, l.boundariesUntil = $boundariesUntil,
    l.boundariesHead = $entry.hash
REMOVE l.openFirst, l.openBy, l.openToken, l.openSince, l.openBatch, l.openNow, l.openRecorded,
    l.openDone, l.openOutcome
CREATE (a:AuditEvent) SET a = $entry
FOREACH (part IN $parts | CREATE (p:AuditPart) SET p = part)
WITH l
UNWIND $commits AS c
CREATE (x:Commit) SET x = c
RETURN count(x) AS answer
