"""Every backend against every other, against DuckDB, and against what must hold whatever the data is."""
