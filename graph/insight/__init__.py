"""Pure arithmetic on edges and values: no driver, no clock, no environment."""
