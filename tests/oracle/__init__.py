"""A second reading of the language: predicates as DuckDB SQL, against which the engine is compared bit for bit."""
