// Takes from things all that they said: what is left are pseudonyms, times, and hashes that the audit can be checked with.
UNWIND $things AS thing
MATCH (e:Identity {id: thing.id})
SET e = {id: thing.alias}
SET e:Tombstone
REMOVE e:$(thing.label)
WITH thing, e
CALL (thing, e) {
  UNWIND thing.states AS row
  MATCH (e)-[s:STATE]->(x) WHERE elementId(x) = row.ref
  DELETE s
  CREATE (e)-[:ERASED]->(x)
  SET x = {id: thing.alias, erased: row.digest, validFrom: x.validFrom, validTo: x.validTo, recorded: x.recorded,
    superseded: CASE WHEN x.superseded > $commit THEN $commit ELSE x.superseded END}
  SET x:Erased
  REMOVE x:$(thing.stateLabels)
  RETURN count(*) AS states
}
WITH thing, e
MATCH (p:Pseudonym {id: thing.id})
DELETE p
RETURN count(*) AS answer
