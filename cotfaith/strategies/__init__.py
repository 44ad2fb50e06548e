"""Strategies: how a reasoning is elicited before anything is done to it."""

from cotfaith.strategies.contract import AbstractStrategy, Manner, Reason, Reasoned, StrategyFlow, describe

__all__ = ["AbstractStrategy", "Manner", "Reason", "Reasoned", "StrategyFlow", "describe"]
