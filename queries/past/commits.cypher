// The commits that spoke of it, as far as is known.
{pieces}
UNWIND [h_x.recorded, h_x.superseded] AS h_c
WITH DISTINCT h_c WHERE {published(h_c)} AND {within}
RETURN h_c
