// The commits of a page.
COLLECT { {commits} ORDER BY h_c {down} LIMIT {rows} }
