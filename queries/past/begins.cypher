// When commit `h_c` made a difference: at the moment of its record if it did so there, else first.
head(COLLECT {
  UNWIND h_xs AS h_x
  WITH h_x WHERE h_x.recorded = h_c OR h_x.superseded = h_c
  UNWIND [h_m.at, h_x.validFrom, h_x.validTo] AS h_j
  WITH DISTINCT h_j,
    [h_i IN h_xs WHERE h_i.superseded = h_c AND h_i.validFrom <= h_j AND h_j < h_i.validTo | h_i {state}] AS h_was,
    [h_i IN h_xs WHERE h_i.recorded = h_c AND h_i.validFrom <= h_j AND h_j < h_i.validTo | h_i {state}] AS h_is
  WHERE h_was <> h_is
  RETURN h_j ORDER BY h_j <> h_m.at, h_j LIMIT 1
})
