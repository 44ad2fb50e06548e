"""Judges: what a text admits of a hint."""
