"""Rules bound to a schema, normalised, and laid out as value classes."""
