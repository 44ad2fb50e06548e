"""What writes the generated parts of the documents: facts, examples and numbers come from the code and the kept results."""
