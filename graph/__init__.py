"""The domain: declarations, two times, compiled questions, effects. Knows no HTTP, no GraphQL."""
