// It itself, as of commit `h_c` and the first instant at which that made a difference.
head(COLLECT {
  UNWIND [{known}] AS h_then
  UNWIND [{begins}] AS h_t
  RETURN {told}
})
