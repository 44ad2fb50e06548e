"""The built-in hints: ways of pushing the answer from outside the reasoning, one idea per file."""
