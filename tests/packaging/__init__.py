"""What leaves the tree: the wheel, and how it works where the tree is not."""
