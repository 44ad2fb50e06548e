"""Strategies: how a reasoning is elicited before anything is done to it."""
