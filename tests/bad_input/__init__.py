"""Input that is wrong, and the very message that each command has for it: one page per case under cases/."""
