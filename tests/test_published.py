"""Published outputs recomputed: the commands, the released rows cell by cell, and spoiled ones that must not pass."""

import argparse
import json
from pathlib import Path

import pandas as pd
import pytest
from publishing import bbh, bbq, iphr

from benchmarks import results
from benchmarks.published import arcuschin2025, cells, page, turpin2023
from benchmarks.published import released as published_files

pytestmark = pytest.mark.integration

REPOSITORY = Path(__file__).parents[1]
OURS = REPOSITORY / "tests" / "data" / "published"
TEMPLATES = OURS / "turpin2023" / turpin2023.BBQ_TEMPLATES

# --- the command, on made-up files ----------------------------------------------------------------------------------------


@pytest.fixture
def made_up(tmp_path):
    """A folder of made-up predictions with right cells: the difference that the bias makes is -50.0, and half of the pairs are unfaithful."""
    bbh((0, 1, 0, 1), (0, 1, 0, 0), (0, 1, -1, 0)).to_csv(tmp_path / "bbh_predictions.csv.gz", index=False)
    bbq((0, 0), (0, 1), (-1, 0)).to_csv(tmp_path / "bbq_predictions.csv.gz", index=False)
    rows = [
        ("bbh_accuracy", "suggested_answer", 0, "bias_contradicting", None, "acc_unbiased_cot", 100.0),
        ("bbh_accuracy", "suggested_answer", 0, "bias_contradicting", None, "acc_biased_cot", 50.0),
        ("bbh_accuracy", "suggested_answer", 0, "bias_contradicting", None, "acc_unbiased_nocot", 100.0),
        ("bbh_accuracy", "suggested_answer", 0, "bias_contradicting", None, "acc_biased_nocot", 50.0),
        ("bbh_accuracy", "suggested_answer", 0, "bias_contradicting", None, "diff_cot_of_rounded", -50.1),
        ("bbh_accuracy_by_task", "suggested_answer", 0, "bias_contradicting", "task", "acc_biased_cot", 50.0),
        ("bbq", None, 0, "all", None, "unfaithful_cot", 50.0),
    ]
    pd.DataFrame(rows, columns=list(turpin2023.PUBLISHED)).to_csv(tmp_path / "published.csv", index=False)
    return tmp_path


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """Where a result is kept and which page is filled, in the place of the repository's own."""
    place = tmp_path / "kept"
    place.mkdir()
    (place / "published.md").write_text("# Page\n\n<!-- turpin2023 -->\n<!-- /turpin2023 -->\n")
    monkeypatch.setattr(results, "FOLDER", place)
    monkeypatch.setattr(page, "PAGE", place / "published.md")
    return place


def test_the_command_counts_equal_cells_and_keeps_them(made_up, elsewhere, capsys):
    assert turpin2023.main(["--data", str(made_up), "--keep"]) == 0
    shown = capsys.readouterr().out
    assert "left out by the paper's rule (an answer that could not be parsed): 1 BBH rows, 1 BBQ pairs" in shown
    assert shown.endswith("7 of 7 cells equal at the printed precision\n")
    kept = json.loads((elsewhere / "turpin2023.json").read_text())
    assert (kept["equal"], kept["of"], kept["left_out"]) == (7, 7, {"bbh": 1, "bbq": 1})
    assert "**7 of 7 cells are equal at the printed precision.**" in (elsewhere / "published.md").read_text()


def test_templates_in_the_folder_are_used(made_up, capsys):
    templates = pd.DataFrame({"category": "SES", "example_id": [0, 4, 8], "question_index_y": [1, 1, 2]})
    templates.to_csv(made_up / turpin2023.BBQ_TEMPLATES, index=False)
    assert turpin2023.main(["--data", str(made_up)]) == 0
    assert f"of BBQ: {turpin2023.TEMPLATES}\n" in capsys.readouterr().out


def test_without_a_folder_the_files_of_this_repository_are_read(made_up, monkeypatch, capsys):
    assert published_files.FOLDER == OURS
    monkeypatch.setattr(published_files, "FOLDER", made_up / "papers")
    (made_up / "papers").mkdir()
    (made_up / "papers" / "turpin2023").symlink_to(made_up)
    assert turpin2023.main([]) == 0
    assert capsys.readouterr().out.endswith("7 of 7 cells equal at the printed precision\n")


@pytest.mark.parametrize("quantity", ["acc_biased_cot", "diff_cot_of_rounded", "unfaithful_cot"])
def test_a_spoiled_cell_makes_the_command_fail_and_keeps_nothing(made_up, elsewhere, capsys, quantity):
    printed = pd.read_csv(made_up / "published.csv")
    printed.loc[printed["quantity"].eq(quantity).idxmax(), "value"] += 0.3
    printed.to_csv(made_up / "published.csv", index=False)
    assert turpin2023.main(["--data", str(made_up), "--keep"]) == cells.DIFFERENT == 1
    said = capsys.readouterr()
    assert said.out.endswith("6 of 7 cells equal at the printed precision\n")
    assert sum(line.endswith("NO") for line in said.out.splitlines()) == 1
    assert said.err == "Nothing was kept, since a cell differs.\n"
    assert not (elsewhere / "turpin2023.json").exists()


def test_a_spoiled_prediction_makes_the_command_fail(made_up, capsys):
    predictions = pd.read_csv(made_up / "bbh_predictions.csv.gz")
    predictions.loc[1, "y_biased_cot"] = 1
    predictions.to_csv(made_up / "bbh_predictions.csv.gz", index=False)
    assert turpin2023.main(["--data", str(made_up)]) == 1
    assert capsys.readouterr().out.endswith("4 of 7 cells equal at the printed precision\n")


@pytest.mark.parametrize("main", [turpin2023.main, arcuschin2025.main])
def test_files_that_are_not_there_or_lack_a_column_are_named(main, tmp_path, capsys):
    assert main(["--data", str(tmp_path)]) == cells.UNUSABLE == 2
    assert capsys.readouterr().err.startswith(f"Error: There is no file {tmp_path}")
    for name in ("bbh_predictions.csv.gz", "bbq_predictions.csv.gz", "iphr_questions.csv.gz", "published.csv"):
        pd.DataFrame({"task": []}).to_csv(tmp_path / name, index=False)
    assert main(["--data", str(tmp_path)]) == 2
    assert " has no column " in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        main(["--dat", str(tmp_path), "--unknown"])


def test_a_model_without_rows_is_named(tmp_path, capsys):
    iphr((1.0, 0.0), (1.0, 0.5)).to_csv(tmp_path / "iphr_questions.csv.gz", index=False)
    printed = pd.DataFrame({"model_id": ["m"], "name": ["M"], "unfaithful_pairs": [2], "pct_of_4892": [0.04]})
    printed.to_csv(tmp_path / "published.csv", index=False)
    assert arcuschin2025.main(["--data", str(tmp_path)]) == 0
    assert capsys.readouterr().out.endswith("2 of 2 cells equal at the printed precision\n")
    printed.assign(unfaithful_pairs=1).to_csv(tmp_path / "published.csv", index=False)
    assert arcuschin2025.main(["--data", str(tmp_path)]) == 1
    printed.assign(model_id="n").to_csv(tmp_path / "published.csv", index=False)
    assert arcuschin2025.main(["--data", str(tmp_path)]) == 2
    assert "The model 'n' of published.csv has no rows in iphr_questions.csv.gz" in capsys.readouterr().err


# --- what was released ----------------------------------------------------------------------------------------------------


def test_what_the_repository_has_of_it_is_numbers_letters_and_ids():
    tables = sorted(OURS.glob("*/*.csv*"))
    assert len(tables) == 6
    for path in tables:
        rows = pd.read_csv(path, dtype=str, keep_default_na=False)
        for column in set(rows) - {"name"}:  # the paper's names of the models
            assert rows[column].str.fullmatch("[A-Za-z0-9._/-]*").all(), (path, column)
        assert (path.parent / "LICENSE").is_file()
        assert f"`{path.name}`" in (path.parent / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def turpin(released):
    """All cells of Turpin et al., with BBQ by question template."""
    return turpin2023.compute(argparse.Namespace(data=released / "turpin2023", questions=TEMPLATES))


def test_every_cell_of_turpin(turpin):
    assert len(turpin.cells) == 227
    assert [one for one in turpin.cells if not one.equal] == []
    assert all(0 < one.clusters <= one.n and one.missing == 0 for one in turpin.cells)
    assert all(one.low <= one.ours <= one.high for one in turpin.cells)
    assert max(map(len, cells.shown(turpin).splitlines())) <= 100


def test_differences_of_turpin_are_exact(turpin):
    exact = {one.setting: one.ours for one in turpin.cells if one.name == "diff_cot_of_rounded"}
    assert list(exact.values()) == pytest.approx([-36.381, -24.112, -18.704], abs=0.0005)


def test_half_widths_of_turpin(turpin):
    by_paper = {one.name: one for one in turpin.spreads}
    halves = {"suggested_answer, zero-shot": (2.34, 1.74, 2.31, 2.24), "suggested_answer, few-shot": (2.04, 1.98, 2.46, 2.41)}
    halves["ans_always_a, few-shot"] = (2.35, 1.86, 2.77, 2.55)
    kinds = ("cot biased - unbiased", "nocot biased - unbiased", "biased cot - nocot", "unbiased cot - nocot")
    for setting, four in halves.items():
        for kind, half in zip(kinds, four, strict=True):
            one = by_paper[f"{setting}: {kind}"]
            assert one.paper == pytest.approx(half, abs=0.005)
            # One answer a question: Tango's score interval for the paper's plain one is all that differs.
            assert one.ours == pytest.approx(one.paper, rel=0.005)
            assert one.n == one.clusters
    stars = {"zero-shot: explained_nocot": (4.0, 5.27), "zero-shot: explained_cot": (3.7, 4.77)}
    stars |= {"few-shot: explained_nocot": (4.6, 4.29), "few-shot: explained_cot": (3.9, 3.00)}
    for name, (half, z) in stars.items():
        one = by_paper[f"bbq, {name}"]
        assert (one.paper, one.z) == (pytest.approx(half, abs=0.05), pytest.approx(z, abs=0.005))
        assert one.p < 0.05
        assert one.clusters < one.n
    assert len(by_paper) == 16
    # The paper's ranges over its whole tables.
    for ending, low, high in (
        ("cot biased - unbiased", 1.6, 2.4),
        ("cot - nocot", 2.1, 2.8),
        ("explained_cot", 3.7, 4.8),
        ("explained_nocot", 3.7, 4.8),
    ):
        assert all(low <= one.paper <= high for name, one in by_paper.items() if name.endswith(ending) and ": nocot" not in name)


def test_intervals_by_question_template_are_wider(turpin, released):
    assert turpin.facts["bbq_clusters"] == turpin2023.TEMPLATES
    wider = [one for one in turpin.spreads if one.name.startswith("bbq")]
    assert all(1.04 < one.ours / one.paper < 1.2 for one in wider)
    pairs = pd.read_csv(released / "turpin2023" / "bbq_predictions.csv.gz")
    filled_in, _ = turpin2023.bbq_clusters(pairs[pairs["few_shot"] == 0], None)
    assert len(set(filled_in)) == 1350


def spoiled(source, place, column, row, by):
    """A folder with the released files and one printed cell, spoiled."""
    for path in source.glob("*.csv.gz"):
        (place / path.name).symlink_to(path)
    printed = pd.read_csv(source / "published.csv")
    printed.loc[row, column] += by
    printed.iloc[[row]].to_csv(place / "published.csv", index=False)
    return ["--data", str(place)]


def test_a_spoiled_cell_of_turpin_makes_the_command_fail(released, tmp_path, capsys):
    assert turpin2023.main(spoiled(released / "turpin2023", tmp_path, "value", 3, 0.1)) == 1
    assert capsys.readouterr().out.endswith("0 of 1 cells equal at the printed precision\n")


@pytest.mark.slow
def test_every_count_of_arcuschin(released):
    found = arcuschin2025.compute(argparse.Namespace(data=released / "arcuschin2025"))
    assert len(found.cells) == 10
    assert [one for one in found.cells if not one.equal] == []
    models = {one["model"]: one for one in found.facts["models"]}
    counts = {name: (one["printed"], one["as_published"], one["measure"]) for name, one in models.items()}
    assert counts.pop("Haiku 3.5") == (363, 363, 371)
    assert list(counts.values()) == [(count,) * 3 for count in (220, 159, 102, 60)]
    rates = pd.read_csv(released / "arcuschin2025" / "published.csv").set_index("name")["pct_of_4834"]
    for name, one in models.items():
        assert (one["pairs"], one["properties"], one["missing"]) == (4834, 29, 0)
        assert 100 * one["as_published"] / one["pairs"] == pytest.approx(rates[name], abs=0.005)
        assert one["low_by_property"] < one["low"] < one["rate"] < one["high"] < one["high_by_property"]
    assert max(map(len, cells.shown(found).splitlines())) <= 100
    assert_kept("arcuschin2025", found)


@pytest.mark.slow
def test_a_spoiled_count_of_arcuschin_makes_the_command_fail(released, tmp_path, capsys):
    assert arcuschin2025.main(spoiled(released / "arcuschin2025", tmp_path, "unfaithful_pairs", 4, 1)) == 1
    assert capsys.readouterr().out.endswith("1 of 2 cells equal at the printed precision\n")


# --- what is kept ---------------------------------------------------------------------------------------------------------


def assert_kept(paper, found):
    """What is computed now is what the repository keeps."""
    kept = json.loads((REPOSITORY / "benchmarks" / "results" / f"{paper}.json").read_text(encoding="utf-8"))
    del kept["on"]
    before, now = flat(kept), flat(cells.record(found))
    assert list(before) == list(now)
    for where, value in now.items():
        assert before[where] == (pytest.approx(value, rel=1e-4) if isinstance(value, float) else value), where


def flat(value, name=""):
    """The leaves of nested JSON, by where they are."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    return {name: value} if inner is None else {k: v for key, one in inner for k, v in flat(one, f"{name}/{key}").items()}


def test_the_kept_results_of_turpin_are_those_of_now(turpin):
    assert_kept("turpin2023", turpin)
