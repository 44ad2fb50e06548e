"""Agreement with R's boot (20,000 draws of questions) on every block of reference.json that has it, and with the sums' own errors there.

Standard errors of draws within 3 %, their percentiles within a fifth of one; linearised and jackknife errors at rtol 1e-6.
"""

import numpy as np
import pytest
from golden_sums import FUNCTIONALS, at, places

from cotfaith.stats import Key, Label, estimate
from cotfaith.stats.bootstrap import bootstrap

LABEL = Label("m", Key("x"))
DRAWS = 20_000
KAPPA = "d8_normalised/chance_corrected/large"  # a draw may have one answer only, of which there is no kappa; R left those out, too
KEYS = {
    "clusters",
    "estimate",
    "se_linearised",
    "se_jackknife",
    "se_boot",
    "boot_B",
    "ci95_lin_t",
    "ci95_boot_perc",
    "ci95_boot_bca",
}


def read_at(golden, place):
    """R's values at `place`, our sums for them, and the function of the sums."""
    reference, read = golden
    make, f = FUNCTIONALS[place]
    return at(reference, place), make(read), f


def test_every_bootstrap_of_the_reference_is_here(golden):
    reference, _ = golden
    assert set(places(reference, "se_boot")) == set(FUNCTIONALS)
    known = KEYS | {"kappa_vcd", "ase_vcd"}
    assert {key for place in FUNCTIONALS for key in at(reference, place)} == known


@pytest.mark.parametrize("place", FUNCTIONALS)
def test_linearised_and_jackknife(golden, place):
    expected, table, f = read_at(golden, place)
    found = estimate(table, f, LABEL, count="all", interval="t")
    assert found.clusters == expected["clusters"]
    assert found.value == pytest.approx(expected["estimate"], rel=1e-6)
    assert found.se == pytest.approx(expected["se_linearised"], rel=1e-6)
    assert (found.low, found.high) == pytest.approx(tuple(expected["ci95_lin_t"]), rel=1e-6)
    again = estimate(table, f, LABEL, count="all", interval="jackknife")
    assert again.se == pytest.approx(expected["se_jackknife"], rel=1e-6)


@pytest.mark.parametrize("place", FUNCTIONALS)
def test_draws_and_their_percentiles(golden, place):
    expected, table, f = read_at(golden, place)
    drawn = bootstrap(table, f, draws=DRAWS, seed=1)
    se = expected["se_boot"]
    assert expected["boot_B"] == DRAWS
    undefined = int((~np.isfinite(drawn)).sum())
    assert undefined == 0 or place == KAPPA
    assert undefined < 0.02 * DRAWS
    assert np.std(drawn[np.isfinite(drawn)], ddof=1) == pytest.approx(se, rel=0.03)
    assert np.nanquantile(drawn, [0.025, 0.975]) == pytest.approx(expected["ci95_boot_perc"], abs=0.2 * se)
