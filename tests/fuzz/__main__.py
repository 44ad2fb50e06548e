"""`python -m tests.fuzz`: a campaign. Its counts and failures go to benchmarks/results/fuzz.json, and each new failure to tests/data/hostile."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

if __name__ == "__main__":
    from fuzz.command import main

    main()
