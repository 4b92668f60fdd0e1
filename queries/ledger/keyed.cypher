// The entry of the write that carried a client's key, if there was one.
MATCH (a:AuditEvent {key: $key})
RETURN a {.*} AS answer
