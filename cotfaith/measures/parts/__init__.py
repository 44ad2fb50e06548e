"""The arithmetic of the measures: each part serves several of them."""
