"""Rule sets made up and changed."""
