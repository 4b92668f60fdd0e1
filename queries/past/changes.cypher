// A page of what was written to the whole graph: rows of commits and ids, each with what the commit did.
{rows}
RETURN [h_end, {total}, COLLECT {
  UNWIND h_rows AS h_row
  WITH h_row[0] AS h_values, h_row[1] AS h_commit, h_row[2] AS h_id, h_row[3] AS h_source, h_row[4] AS h_target
  OPTIONAL MATCH (h_thing:Identity {id: h_id}) WHERE {visible(h_thing)}
  RETURN [h_values, {history}]
}] AS answer, k
