"""From matches to lanes: rates, reliefs, severity, and one decision per declaration. Works on arrays alone."""
