"""What the rules of a set find in data, rule by rule: how much, how much of it alone, and at what cost."""
