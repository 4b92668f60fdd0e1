// The commits that spoke of it, as far as is known, from its pieces `h_xs`.
UNWIND h_xs AS h_x
UNWIND [h_x.recorded, h_x.superseded] AS h_c
WITH DISTINCT h_c WHERE {published(h_c)} AND {within}
RETURN h_c
