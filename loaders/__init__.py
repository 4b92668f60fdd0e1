"""Files and events into checked rows into changes; one module a format."""
