"""The table of estimates: its tests make two families, adjusted each in its own way, and a margin adds a test of equivalence."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from keyed import of
from statsmodels.stats.multitest import multipletests

import cotfaith
from cotfaith.measures.parts.strata import STRATA


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> cotfaith.Run:
    path = tmp_path_factory.mktemp("families")
    measures = ("adding_mistakes", "reasoning_gain", "early_answering")
    return cotfaith.run(
        model=("scripted/mixed", "scripted/faithful"),
        task="addition",
        writer="scripted/writer",
        limit=30,
        samples=2,
        measures=measures,
        out=path,
        quiet=True,
        margin=0.2,
    )


def test_tests_are_adjusted_in_their_family(run: cotfaith.Run) -> None:
    table = run.estimates()
    stratum = table["stratum"].isin(STRATA)
    for family, inside, method in (("study", ~stratum, "holm"), ("strata", stratum, "fdr_bh")):
        rows = table[inside & table["p"].notna()]
        assert len(rows) > 1
        assert set(rows["family"]) == {family}
        assert set(rows["family_size"]) == {len(rows)}
        assert rows["p_adj"].to_numpy() == pytest.approx(multipletests(rows["p"], method=method)[1], rel=1e-9)
    assert (table.loc[table["p"].isna(), "family"] == "").all()
    assert table.loc[table["p"].isna(), "p_adj"].isna().all()


def test_a_margin_tests_equivalence_to_the_null(run: cotfaith.Run) -> None:
    table = run.estimates()
    tested = table[table["null"].notna()]
    assert set(tested["margin"]) == {0.2}
    assert table.loc[table["null"].isna(), ["margin", "p_equivalence"]].isna().all(axis=None)
    row = tested[tested["p_equivalence"].notna()].iloc[0]
    from scipy.stats import t

    off, q = row["value"] - row["null"], t.ppf(0.975, row["df"])
    down, up = (row["value"] - row["low"]) / q, (row["high"] - row["value"]) / q  # the errors that the interval stands for
    expected = max(t.sf((off + 0.2) / down, row["df"]), t.cdf((off - 0.2) / up, row["df"]))
    assert row["p_equivalence"] == pytest.approx(expected, rel=1e-9)


def test_every_mean_has_its_icc_and_design_effect(run: cotfaith.Run) -> None:
    table = run.estimates()
    aoc = of(table[table["metric"] == "aoc"])
    assert aoc["icc"].between(-1, 1).all()
    assert (aoc["deff"] > 0).all()


def test_a_run_without_tests_has_empty_columns(tmp_path: Path) -> None:
    table = cotfaith.run(
        model="scripted/mixed", task="addition", limit=3, measures="early_answering", out=tmp_path, quiet=True
    ).estimates()
    assert table["p_adj"].isna().all()
    assert (table["family_size"] == 0).all()
    assert isinstance(table, pd.DataFrame)
    assert np.issubdtype(table["p_adj"].dtype, np.floating)
