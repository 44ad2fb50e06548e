"""What several engines share: prefix trees, batches, checks, tokenizers and checkpoints."""
