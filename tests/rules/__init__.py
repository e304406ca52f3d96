"""The shipped rule packs."""
