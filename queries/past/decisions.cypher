// Decisions in force that name it, and those it names: when each was taken, and which commit it explains: the one that recorded it, else the first that was recorded since it was taken.
COLLECT {
  UNWIND [{named}] AS h_n
  MATCH (h_d:Decision)
  WITH h_d, h_n, {state(h_d)} AS h_s WHERE h_s IS NOT NULL AND (h_d.id IN h_n OR {id} IN h_s.changed)
  RETURN [h_d.id, h_s.validFrom, {id} IN h_s.changed, {explained}, {columns}]
}
