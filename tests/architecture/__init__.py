"""What holds over the whole tree: who may import whom, what the tables of codes promise, how long a file may be."""
