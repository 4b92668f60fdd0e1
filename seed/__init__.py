"""Sample organizations as plain data."""
