"""The analysis of finished rows: estimates, comparisons, trends over model size, and hand labels. No model is needed."""
