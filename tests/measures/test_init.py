"""The list of measures: complete, told apart, and light."""

import re
import subprocess
import sys

import pytest

from cotfaith.errors import UsageError
from cotfaith.measures import MEASURES
from cotfaith.plugins import registry

LANHAM = {"early_answering", "adding_mistakes", "filler_tokens", "paraphrasing", "reasoning_gain"}
CONSTRUCTS = {
    "paraphrasing": "encoding",
    "hint_effect": "disclosure",
    "cct": "disclosure",
    "bbq_evidence": "bias",
    "reversed_pairs": "bias",
}
CAPABILITIES = {"tokens", "prefill", "option_logprobs", "seeds"}
LIGHT = "import sys; from cotfaith.measures import MEASURES; list(MEASURES); 'early_answering' in MEASURES; {}"
HEAVY = "print([name for name in ('pandas', 'scipy', 'statsmodels', 'cotfaith.stats') if name in sys.modules])"


def test_the_measures_of_lanham_are_there():
    assert set(MEASURES) >= LANHAM


@pytest.mark.parametrize("name", MEASURES)
def test_each_says_what_it_is(name):
    measure = MEASURES[name]
    assert measure.name == name
    assert measure.summary
    assert "\n" not in measure.summary
    assert measure.paper.startswith("Lanham et al. 2023") == (name in LANHAM)
    assert measure.paper.startswith("none: ") if name == "answer_changed" else re.search(r"\b20\d\d\b", measure.paper)
    larger = measure.headline().larger
    assert larger.startswith("Larger: ")
    assert larger.count(".") == 1
    assert measure.construct == CONSTRUCTS.get(name, "dependence")
    assert measure.needs <= CAPABILITIES
    assert {*measure.requires, *measure.uses} - {"*"} <= set(registry.names("cotfaith.interventions"))
    with pytest.raises(UsageError, match=r"Unknown weight 'traces': did you mean 'trace'\?"):
        type(measure)(weight="traces")


def ran(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_listing_imports_nothing_heavy():
    assert ran(LIGHT.format(HEAVY)) == "[]"


def test_the_test_above_can_fail():
    assert ran(LIGHT.format(f"import cotfaith.measures.parts.quantity; {HEAVY}")) == "['pandas', 'cotfaith.stats']"
