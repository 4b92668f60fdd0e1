"""Everything a client touches: command line, HTTP, the GraphQL schema."""
