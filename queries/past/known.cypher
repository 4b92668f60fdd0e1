// What was known when commit `h_c` was: of each run, the last commit by then.
COLLECT {
  MATCH (h_w:Ledger)
  UNWIND h_w.runs AS h_q
  UNWIND COLLECT {
    MATCH (h_g:Commit {run: h_q})
    WHERE h_g.at <= h_m.at AND (h_g.at < h_m.at OR h_g.sequence <= h_c) AND h_g.sequence <= k
    RETURN h_g.sequence ORDER BY h_g.at DESC, h_g.sequence DESC LIMIT 1
  } AS h_z
  RETURN [h_q, h_z]
}
