"""Adjusted p-values: by hand, laws, and families that do not touch each other."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotfaith.errors import DataError, UsageError
from cotfaith.stats.families import METHODS, adjust, adjust_once, families

P = st.lists(st.one_of(st.floats(0, 1), st.just(float("nan"))), max_size=12)


def test_by_hand():
    p = [0.01, 0.04, 0.03]
    assert adjust(p).tolist() == pytest.approx([0.03, 0.06, 0.06])
    assert adjust(p, "bonferroni").tolist() == pytest.approx([0.03, 0.12, 0.09])
    assert adjust(p, "hochberg").tolist() == pytest.approx([0.03, 0.04, 0.04])
    assert adjust(p, "fdr_bh").tolist() == pytest.approx([0.03, 0.04, 0.04])
    assert adjust(p, "fdr_by").tolist() == pytest.approx([0.03 * 11 / 6, 0.04 * 11 / 6, 0.04 * 11 / 6])


@pytest.mark.parametrize("method", METHODS)
def test_it_is_that_of_statsmodels(method):
    from statsmodels.stats.multitest import multipletests

    p = np.random.default_rng(6).random(30).round(1) ** 3  # with ties
    expected = multipletests(p, method="simes-hochberg" if method == "hochberg" else method)[1]
    assert adjust(p, method).tolist() == pytest.approx(expected.tolist())


def test_tests_that_were_not_made_do_not_count():
    found = adjust([0.02, np.nan, 0.04, np.nan])
    assert found[[0, 2]].tolist() == pytest.approx([0.04, 0.04])
    assert np.isnan(found[[1, 3]]).all()
    assert np.isnan(adjust([np.nan])).all()
    assert adjust([]).shape == (0,)
    assert adjust([0.2]).tolist() == [0.2]


@pytest.mark.parametrize("method", METHODS)
@given(p=P, seed=st.integers(0, 99))
def test_laws(method, p, seed):
    p = np.array(p)
    found = adjust(p, method)
    made = ~np.isnan(p)
    assert (np.isnan(found) == ~made).all()
    assert ((found[made] >= p[made] - 1e-12) & (found[made] <= 1)).all()
    order = np.random.default_rng(seed).permutation(len(p))
    np.testing.assert_allclose(adjust(p[order], method), found[order])
    np.testing.assert_allclose(adjust(p[made], method), found[made])
    ranked = found[made][np.argsort(p[made], kind="stable")]
    assert (np.diff(ranked) >= -1e-12).all()


def test_families_are_adjusted_apart():
    table = pd.DataFrame(
        {"test": ["a", "b", "a", "b", "a"], "model": [1, 1, 2, 2, 2], "p": [0.02, 0.01, 0.03, None, 0.5]}, index=[9, 8, 7, 6, 5]
    )
    found = families(table, ["test"])
    assert found["p_adj"].tolist() == pytest.approx([0.06, 0.01, 0.06, np.nan, 0.5], nan_ok=True)
    assert found["family_size"].tolist() == [3, 1, 3, 1, 3]
    assert found.index.tolist() == [9, 8, 7, 6, 5]
    assert list(table.columns) == ["test", "model", "p"]  # the table given is as it was
    both = families(table, ["test", "model"], "fdr_bh")
    assert both["family_size"].tolist() == [1, 1, 2, 0, 2]
    pd.testing.assert_frame_equal(families(table, table["test"]), found)
    pd.testing.assert_frame_equal(families(table, "test"), found)
    assert families(table, [])["family_size"].tolist() == [4] * 5


def test_a_missing_name_is_a_family_of_its_own():
    table = pd.DataFrame({"group": ["a", None, np.nan, "a"], "q": [0.01, 0.02, 0.03, 0.04]})
    found = families(table, ["group"], "bonferroni", p="q")
    assert found["p_adj"].tolist() == pytest.approx([0.02, 0.04, 0.06, 0.08])
    assert families(table, table["group"], "bonferroni", p="q")["family_size"].tolist() == [2, 2, 2, 2]


def test_an_empty_table_stays_empty():
    found = families(pd.DataFrame({"test": [], "p": []}), ["test"])
    assert list(found.columns) == ["test", "p", "p_adj", "family_size"]
    assert len(found) == 0


def test_what_cannot_be_adjusted_is_refused():
    table = pd.DataFrame({"test": ["a"], "p": [0.5]})
    with pytest.raises(UsageError, match=r"Unknown method of adjustment 'hom': did you mean 'holm'\?"):
        adjust([0.1], "hom")
    with pytest.raises(
        UsageError, match="Unknown method of adjustment 'xyz': known are: bonferroni, fdr_bh, fdr_by, hochberg, holm"
    ):
        families(table.iloc[:0], ["test"], "xyz")
    with pytest.raises(DataError, match=r"A p-value is 1\.5, but it must be between 0 and 1; give NaN for tests that were not"):
        adjust([0.1, 1.5])
    with pytest.raises(UsageError, match=r"p-values of shape \(1, 2\) are not one family; give them in one dimension\."):
        adjust([[0.1, 0.2]])
    with pytest.raises(UsageError, match="Unknown column 'tests': did you mean 'test'?"):
        families(table, ["tests"])
    with pytest.raises(UsageError, match="Unknown column 'p_value'"):
        families(table, ["test"], p="p_value")
    with pytest.raises(UsageError, match=r"The families of 2 rows do not fit a table of 1; name the family of each row\."):
        families(table, pd.Series(["a", "b"]))


def test_the_same_test_in_two_rows_counts_once():
    p = [0.01, 0.01, 0.04, 0.01, float("nan")]
    once, size = adjust_once(p, ["a", "a", "b", "c", "d"])
    assert size == 3
    assert once[:4].tolist() == pytest.approx([0.03, 0.03, 0.04, 0.03])
    assert np.isnan(once[4])
    assert adjust_once(p, list("vwxyz"))[1] == 4
