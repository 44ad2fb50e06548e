"""Judges: what a text admits of a hint."""

from cotfaith.judges.contract import AbstractJudge, Claim, Finding, JudgeFlow

__all__ = ["AbstractJudge", "Claim", "Finding", "JudgeFlow"]
