"""Inputs that people, editors, disks and chance could make of every file and option that cotfaith reads, and what must hold of each.

`python -m tests.fuzz --inputs 20000` is a campaign. `test_fuzz.py` tries a fixed selection within two minutes, and every input that
failed once (`tests/data/hostile`).
"""
