// The commit of it that decision `h_d` explains.
coalesce(
  head(COLLECT {
    MATCH (h_d)-[h_v:STATE]->(h_y) WHERE {heard(h_y)} AND {visible(h_d)}
    WITH h_y ORDER BY h_y.recorded LIMIT 1
    {pieces} AND (h_x.recorded = h_y.recorded OR h_x.superseded = h_y.recorded)
    RETURN h_y.recorded LIMIT 1
  }),
  head(COLLECT {
    UNWIND COLLECT { {commits} } AS h_c
    MATCH (h_g:Commit {sequence: h_c}) WHERE h_g.at >= h_s.validFrom
    RETURN h_c ORDER BY h_g.at, h_c LIMIT 1
  })
)
