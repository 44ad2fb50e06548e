"""The numbers of whole runs are those that were kept (see `benchmarks.estimates`)."""

import pytest

from benchmarks import estimates

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("name", [name for name in estimates.STUDIES if name not in estimates.REAL])
def test_a_run_gives_the_kept_numbers(name, tmp_path):
    assert estimates.differences(estimates.table(name, tmp_path), estimates.kept(name)) == []


@pytest.mark.slow
@pytest.mark.model
def test_a_run_on_real_weights_gives_the_kept_numbers(tmp_path, smollm_wheel):
    name = "lanham_small"
    assert estimates.differences(estimates.table(name, tmp_path), estimates.kept(name), estimates.NEAR_REAL) == []


@pytest.mark.parametrize("name", estimates.STUDIES)
def test_the_comparison_can_fail(name):
    wanted = estimates.kept(name)
    moved = wanted.assign(value=wanted["value"].where(wanted.index != 3, wanted["value"] + 1e-6))
    assert len(estimates.differences(moved, wanted)) == 1
    assert len(estimates.differences(wanted.drop(index=5), wanted)) == 1
    assert estimates.differences(wanted, wanted) == []
