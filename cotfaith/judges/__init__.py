"""Judges: whether a text acknowledges a hint or a mistake."""
