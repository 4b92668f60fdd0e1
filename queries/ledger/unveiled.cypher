// What pseudonyms of the audit stand for, where that is still known.
UNWIND $aliases AS alias
MATCH (p:Pseudonym {alias: alias})
RETURN collect([p.id, p.alias, p.salt]) AS answer
