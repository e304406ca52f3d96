"""The examples of the documentation, run on the data that they are about."""
