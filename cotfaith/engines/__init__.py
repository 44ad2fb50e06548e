"""Engines: they turn token ids into further token ids or into log-probabilities.

Each engine follows the contract `cotfaith.types.Engine`. Heavy libraries are imported only inside the engine that needs them.
"""
