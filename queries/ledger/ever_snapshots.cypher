// What snapshots of memberships ever counted: id, day and scheme, members as tagged, members as known later.
MATCH (s:MembershipSnapshotState)<-[h:STATE]-(e:Identity) WHERE s.recorded <= $seen
RETURN collect(DISTINCT [e.id, toString(s.takenOn) + ' ' + coalesce(s.scheme, ''), s.taggedMembers, s.trueMembers]) AS answer
