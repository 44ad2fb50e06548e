"""Judges: whether a text acknowledges a hint."""
