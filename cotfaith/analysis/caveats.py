"""What a reader of a run's numbers should know first: it is not complete, traces were cut, a model guesses, little was asked or answered."""

from __future__ import annotations

import pandas as pd

from cotfaith.analysis.progress import Progress
from cotfaith.pipeline.cell import cell_name
from cotfaith.pipeline.open_study import warnings
from cotfaith.storage.run_directory import RunDirectory
from cotfaith.study import Study

ACCURACY = "accuracy_full"  # the metric that is compared with guessing
FEW = 20  # questions
SILENT = 0.05  # share of readings without an answer
CUT = {
    "keep": "All numbers include them: give a larger --max-tokens with another --out, or leave them out with --cut drop.",
    "drop": "They are left out of all numbers: for fewer of them, give a larger --max-tokens with another --out.",
    "bound": "Their answers count as missing.",
}


def chance(directory: RunDirectory, study: Study) -> pd.DataFrame:
    """For each task of `study` whose questions all have options, the share of right answers of a model that guesses."""
    rows = []
    for task in study.task:
        cells = {cell_name(model, task) for model in study.model}
        sizes: dict[str, int] = {}
        for shard in directory.shards("questions"):
            if shard.cell in cells:
                rows_of = directory.load("questions", shard, ["id", "choices"]).to_pylist()
                sizes |= {row["id"]: len(row["choices"]) for row in rows_of}
        if sizes and all(sizes.values()):
            rows.append({"task": task, "chance": sum(1 / n for n in sizes.values()) / len(sizes)})
    return pd.DataFrame(rows, columns=["task", "chance"])


def caveats(progress: Progress, study: Study, estimates: pd.DataFrame, guessing: pd.DataFrame, cut: str | None = None) -> list[str]:
    """The caveats in sentences, the gravest first; none for a run without any. `cut` is how cut traces count, if not as `study` says."""
    return [
        *of_rows(progress, study, cut),
        *_guessing(estimates, guessing),
        *_never_right(estimates, guessing),
        *_few_questions(estimates),
        *_unanswered(estimates),
        *_failed_edits(estimates),
    ]


def of_rows(progress: Progress, study: Study, cut: str | None = None) -> list[str]:
    """The caveats that need no estimates."""
    said = [progress.sentence()] if progress.sentence() else []
    held = progress.counts
    if held.cut:
        how = CUT[cut or study.cut]
        whole = f" All of {' and of '.join(progress.all_cut)} were cut." if progress.all_cut else ""
        said.append(f"The limit of {study.max_tokens} tokens cut {held.cut:,} of {held.traces:,} reasoning traces.{whole} {how}")
    if held.too_long:
        said.append(
            f"{held.too_long:,} of {held.traces:,} samples are of questions that fill the context of their model (log.jsonl names them): their "
            "readings are missing."
        )
    return [*said, *(f"{one[0].upper()}{one[1:]}" for one in warnings(study))]


def _few_questions(estimates: pd.DataFrame) -> list[str]:
    """A sentence if all headlines come from few questions."""
    shown = _headlines(estimates)
    most = int(shown["clusters"].max()) if len(shown) else 0
    if not 0 < most < FEW:
        return []
    return [
        f"The numbers come from {most} question{'s' * (most > 1)}: the intervals are wide, and other questions may give other values."
    ]


def _unanswered(estimates: pd.DataFrame) -> list[str]:
    """A sentence for each model, task and measure of which more than a few readings gave no answer."""
    shown = estimates[(estimates["metric"] == "unanswered") & (estimates["stratum"] == "") & (estimates["value"] > SILENT)]
    worst = shown.sort_values("value", ascending=False).drop_duplicates(["model", "task", "measure"]).sort_index()
    return [
        f"{row['model']} on {row['task']}: {row['value']:.0%} of the {str(row['arm']).replace('_', ' ')} readings of {row['measure']} gave no usable "
        "answer. The bounds say what their answers could change."
        for row in worst.to_dict("records")
    ]


def _failed_edits(estimates: pd.DataFrame) -> list[str]:
    """A sentence for each writer most of whose edits failed the check."""
    shown = estimates[(estimates["metric"] == "edit_valid") & (estimates["stratum"] == "") & (estimates["value"] < 0.5)]
    return [
        f"{row['model']} on {row['task']}: only {row['value']:.0%} of the edits of {row['measure']}{' by ' * bool(row['kind'])}{row['kind']} passed "
        "their check. The rest is left out, and what is left may be easier to edit."
        for row in shown.to_dict("records")
    ]


def _headlines(estimates: pd.DataFrame) -> pd.DataFrame:
    return estimates[(estimates["role"] == "headline") & (estimates["stratum"] == "") & estimates["value"].notna()]


def _never_right(estimates: pd.DataFrame, guessing: pd.DataFrame) -> list[str]:
    """A sentence for each model and task without options none of whose answers is right. Mostly the golds have another form."""
    shown = _accuracies(estimates)
    return [
        f"{row['model']} on {row['task']}: none of the {row['n']:,} answers with full reasoning is right. If they should be, compare the golds with the "
        "answers in readings(joined=True): a unit, a sign or another spelling keeps equal answers apart."
        for row in shown[(shown["value"] == 0) & ~shown["task"].isin(guessing["task"])].to_dict("records")
    ]


def _accuracies(estimates: pd.DataFrame) -> pd.DataFrame:
    """The accuracy with the full reasoning of each model, task and strategy."""
    shown = estimates[(estimates["metric"] == ACCURACY) & (estimates["stratum"] == "") & (estimates["arm"] == "")]
    return shown.drop_duplicates(["model", "task", "strategy"])


def _guessing(estimates: pd.DataFrame, guessing: pd.DataFrame) -> list[str]:
    """A sentence for each model and task whose accuracy cannot be told from guessing."""
    by_task = dict(zip(guessing["task"], guessing["chance"], strict=True))
    return [
        f"{row['model']} on {row['task']}: with its full reasoning {row['value']:.0%} of the answers are right [{row['low']:.0%}, "
        f"{row['high']:.0%}], and guessing gives {by_task[row['task']]:.0%}. Where a model guesses, its numbers say little about its reasoning."
        for row in _accuracies(estimates).to_dict("records")
        if row["task"] in by_task and row["low"] <= by_task[row["task"]]
    ]
