"""Rule files in one canonical form, with every comment kept and nothing of their meaning changed."""
