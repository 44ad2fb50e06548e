"""What a text says: its steps, its answer, its numbers, and how alike two texts are."""
