"""Strategies: how the reasoning is elicited, before any intervention."""
