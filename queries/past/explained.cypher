// The commit of it that decision `h_d` explains.
head(COLLECT {
  MATCH (h_d)-[h_l:STATE]->(h_y) WHERE {heard(h_y)} AND {visible(h_d)}
  WITH h_y.recorded AS h_first ORDER BY h_first LIMIT 1
  UNWIND CASE
    WHEN any(h_x IN h_xs WHERE h_x.recorded = h_first OR h_x.superseded = h_first) THEN [h_first]
    ELSE COLLECT {
      UNWIND COLLECT { {commits} } AS h_c
      MATCH (h_g:Commit {sequence: h_c}) WHERE h_g.at >= h_s.validFrom
      RETURN h_c ORDER BY h_g.at, h_c LIMIT 1
    } END AS h_e
  RETURN h_e
})
