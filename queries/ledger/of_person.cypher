// Things of a kind that ever spoke of a person.
MATCH (x:{kind}State {`{field}`: $person})
RETURN collect(DISTINCT x.id) AS answer
