"""Files on disk: the run directory, the rows of its tables, and sheets of hand labels."""
