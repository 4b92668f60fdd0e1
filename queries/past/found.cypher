// Its pieces, found once.
UNWIND [COLLECT { {pieces} RETURN h_x }] AS h_xs
