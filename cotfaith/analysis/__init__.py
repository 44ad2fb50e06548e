"""What is made of finished rows: estimates, comparisons, trends over scale, hand labels. No model is needed."""
