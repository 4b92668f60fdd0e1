// The first instant at which commit `h_c` made a difference.
head(COLLECT {
  UNWIND COLLECT {
    {pieces} AND (h_x.recorded = h_c OR h_x.superseded = h_c)
    UNWIND [h_x.validFrom, h_x.validTo] AS h_j
    RETURN DISTINCT h_j
  } AS h_j
  WITH h_j,
    COLLECT { {pieces} AND h_x.superseded = h_c AND h_x.validFrom <= h_j AND h_j < h_x.validTo RETURN {state} } AS h_was,
    COLLECT { {pieces} AND h_x.recorded = h_c AND h_x.validFrom <= h_j AND h_j < h_x.validTo RETURN {state} } AS h_is
  WHERE h_was <> h_is
  RETURN h_j ORDER BY h_j LIMIT 1
})
