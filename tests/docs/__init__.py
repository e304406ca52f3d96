"""The documentation is run: commands, examples and links."""
