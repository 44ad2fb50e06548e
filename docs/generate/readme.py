"""The README's numbers and figure: `make demo && python -m docs.generate.readme`.

The text between the marks in README.md is replaced with the output of `cotfaith demo` and the results of the benchmarks, so no
number there is typed by hand.
"""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cotfaith
from benchmarks.coverage import AIM
from benchmarks.throughput.clock import BATCHED, NAIVE, OFF, OURS, SMART
from benchmarks.throughput.profile import ATTENTION, LINEAR, OTHER
from benchmarks.throughput.shapes import LONG, REFERENCE, Shape
from cotfaith import tables
from docs.generate import facts
from paper_figures import nulls as nulls_figure
from paper_figures import same_answer
from paper_figures.throughput import NAMES, WAYS, title

RUN = "runs/demo-smollm2-135m"
SAID = {way: said for way, said in WAYS.items() if way != OURS}
ROOT = Path(__file__).parents[2]


def demo() -> str:
    """The table of the demo's run, as the command prints it."""
    return "```text\n" + tables.render(cotfaith.open_run(RUN).estimates(), "table") + "\n```"


def speed() -> str:
    """The kept results of the benchmarks, as text."""
    throughput, memory, startup, overhead = (_result(name) for name in ("throughput", "memory", "startup", "overhead"))
    small, large = memory["runs"]
    rows = "\n".join(_speed_row(entry, row) for entry in throughput["entries"] for row in _rows(entry) if _shown(entry, row))
    return f"""\
{smart(throughput["entries"])}| engine, device, model | prompt, traces, cuts per trace | seconds | tokens computed over distinct | times faster than |
|---|---|---:|---:|---|
{rows}

{" ".join(_sampling(entry) for entry in throughput["entries"])} {" ".join(_memory(entry) for entry in throughput["entries"] if entry["engine"] == "transformers")} \
cotfaith itself takes {overhead["smollm2"]["clock"]["outside_share"]:.1%} of the time with SmolLM2-135M on {throughput["entries"][0]["on"]["cores"]} cores, \
and {overhead["scripted"]["clock"]["outside_ms_per_reading"]:.2f} ms per reading. Memory peaks at {small["peak_mib"]:.0f} MiB with \
{small["traces"]:,} scripted traces and at {large["peak_mib"]:.0f} MiB with {large["traces"]:,}. `cotfaith --help` takes {startup["median_seconds"]["cotfaith --help"]:.2f} s, and the command of a finished run of {startup["traces"]:,} traces {startup["median_seconds"]["cotfaith run, finished"]:.1f} s."""


def smart(entries: Sequence[Mapping[str, Any]]) -> str:
    """Our method against the smart loop, and both against the machine's own matrix product; "" where no entry has measured it."""
    measured = [(entry, row) for entry in entries for row in entry.get("against_smart", ())]
    if not measured:
        return ""
    rows = "\n".join(_smart_row(entry, row) for entry, row in measured)
    peaks = {title(entry): f"{row['peak_gflops']:,.0f} GFLOP/s in {entry['dtype']} ({title(entry)})" for entry, row in measured}
    (cue_tokens,) = {row["cue_tokens"] for _, row in measured}
    return f"""\
| engine, device, model | prompt, traces, cuts per trace | seconds | times faster than the smart loop | share of the peak: ours, the loop |
|---|---|---:|---:|---:|
{rows}

The smart loop keeps one cache per trace, cuts it back to each cut and computes only the answer cue, which has {cue_tokens} tokens as in a run. \
Its values are equal to ours up to rounding. \
The peak is the machine's own product of square matrices, measured in the same run: {"; ".join(peaks.values())}. Operations are counted by formula, without those on hidden tokens. {" ".join(_parts(entry, row) for entry, row in measured if row is entry["against_smart"][-1])}

Loops that compute each cut from its start:

"""


def _parts(entry: Mapping[str, Any], row: Mapping[str, Any]) -> str:
    """Where the time of our method goes in one shape, and the share of the peak of each part."""
    parts = row["profile"]
    linear, attention, other = (f"{parts[name]['share_of_seconds']:.0%}" for name in (LINEAR, ATTENTION, OTHER))
    rates = [f"{parts[name]['share_of_peak']:.0%} of the peak" for name in (LINEAR, ATTENTION)]
    return (
        f"In the last of these shapes ({title(entry)}), our time goes to weight matrices ({linear}, at {rates[0]}), "
        f"attention ({attention}, at {rates[1]}) and all else ({other}). "
        f"The attention kernel alone, without a mask, reaches {row['attention_alone_share_of_peak']:.0%}."
    )


def _smart_row(entry: Mapping[str, Any], row: Mapping[str, Any]) -> str:
    """One shape; on a GPU also against the loop that batches its cuts."""
    ways = {SMART: "", BATCHED: " (all cuts batched)"}
    found = {way: said for way, said in ways.items() if way in row["times_faster"]}
    faster = "; ".join(f"{row['times_faster'][way]['median']:.2f}{said}" for way, said in found.items())
    shares = ", ".join(f"{row[way]['share_of_peak']:.0%}" for way in (OURS, *found))
    return f"| {title(entry)} | {_shape(row)} | {row[OURS]['median_seconds']:.1f} | {faster} | {shares} |"


def _shown(entry: dict[str, Any], row: dict[str, Any]) -> bool:
    """Whether the README reports a row: two shapes, with the cue that its entry uses throughout."""
    return (
        Shape(row["prompt"], row["reasoning"], row["cuts"]) in {REFERENCE, LONG}
        and row["cue"] == entry["early_answering"][0]["cue"]
    )


def _memory(entry: dict[str, Any]) -> str:
    """The engine's memory on top of the model, for the rows with a measured loop and for the longest reasoning traces."""
    *both, longest = entry["memory"]
    ours, loop = (both[-1][way]["above_loaded_mib"] for way in (OURS, NAIVE))
    return (
        f"Beside the model, transformers takes {ours:.0f} MiB for {both[-1]['cuts']} cuts of reasoning traces of {both[-1]['reasoning']:,} tokens, where padded batches of 8 take "
        f"{loop:,.0f}, and {longest[OURS]['above_loaded_mib']:.0f} MiB for {longest['cuts']} cuts of {longest['reasoning']:,} tokens."
    )


def _rows(entry: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of an entry, each with its model."""
    more = (*entry.get("by_cue", ()), *([entry["larger_model"]] if "larger_model" in entry else ()))
    return [{"model": entry["model"], **row} for row in (*entry["early_answering"], *more)]


def _shape(row: dict[str, Any]) -> str:
    return f"{row['prompt']:,}, {row['samples']} x {row['reasoning']:,}, {row['cuts']}"


def _speed_row(entry: dict[str, Any], row: dict[str, Any]) -> str:
    """The time of our method for all cuts of the traces of one question, and how many times longer the plain methods take."""
    faster = "; ".join(f"{SAID[way]}: {times['median']:.1f}" for way, times in row["times_faster"].items())
    ours = row[OURS]
    return f"| {title(entry | {'model': row['model']})} | {_shape(row)} | {ours['median_seconds']:.1f} | {ours['computed_over_distinct']:.2f} | {faster} |"


def _sampling(entry: dict[str, Any]) -> str:
    over = entry["sampling"]["ours_over"]["bare_generate"]["median"]
    return f"Sampling has {over:.2f} times the throughput of bare `generate` of {NAMES[entry['engine']]}."


def blocks() -> str:
    """How much of the shareable prefixes vLLM shares, and the speed-up, for docs/engines.md."""
    lines = [
        "| device, model | prompt, traces, cuts per trace | cue | tokens computed over distinct | shareable blocks from the cache | times faster than caching off |",
        "|---|---|---|---:|---:|---:|",
    ]
    for entry in _result("throughput")["entries"]:
        for row in _rows(entry) if entry["engine"] == "vllm" else ():
            shared = f"{row['counts']['shared_over_shareable']:.1%}"
            faster = row["times_faster"][OFF]["median"]
            lines.append(
                f"| {entry['device']}, {row['model']} | {_shape(row)} | {facts.cell(' '.join(row['cue'].split()))} | {row[OURS]['computed_over_distinct']:.2f} | {shared} | {faster:.1f} |"
            )
    return "\n".join(lines)


def trust() -> str:
    """The kept results on coverage, the published tables, and the bootstrap."""
    coverage, turpin, arcuschin, bootstrap = (_result(name) for name in ("coverage", "turpin2023", "arcuschin2025", "bootstrap"))
    ours, naive = (coverage["grid"]["summary"][name] for name in ("proportion", "proportion_naive"))
    worst = min((row for row in _result("coverage_hard")["worst"]), key=lambda row: row["lowest"])
    return f"""\
- The 95 % interval of a share contains the true value in {100 * ours["min"]:.1f} to {100 * ours["max"]:.1f} % of simulated studies over a grid of designs. The usual \
interval, which treats rows as independent, contains it in {100 * naive["min"]:.1f} to {100 * naive["max"]:.1f} %. \
In hard designs (rare effects, one question with most of the units, missing answers) the worst cell is {HARD[worst["family"]]} on {worst["questions"]} questions: {100 * worst["lowest"]:.1f} %.
- {turpin["equal"]} of {turpin["of"]} printed numbers of Turpin et al. 2023 and {arcuschin["equal"]} of {arcuschin["of"]} counts and rates of Arcuschin et al. 2025 are \
reproduced from the released answers, with the intervals that the papers lack.
- {bootstrap["draws"]:,} bootstrap draws of questions over {bootstrap["traces"]:,} traces and {bootstrap["columns"]} columns take {bootstrap["median_seconds"]:.2f} s, {bootstrap["times_faster"]:.0f} times \
faster than drawing rows."""


def coverage() -> str:
    """The table of coverage in docs/statistics.md."""
    found = _result("coverage")
    names = {"proportion": "a share", "difference": "a difference of two arms", "area": "an area"}
    lines = [
        "| estimate | ours: minimum, median, maximum | outside 93 to 97 % | rows as independent: minimum, median, maximum |",
        "|---|---:|---:|---:|",
    ]
    for name, said in names.items():
        ours, naive = (found["grid"]["summary"][name + way] for way in ("", "_naive"))
        parts = [", ".join(f"{100 * one[end]:.1f}" for end in ("min", "median", "max")) for one in (ours, naive)]
        lines.append(f"| {said} | {parts[0]} | {ours['outside']} of {len(found['grid']['cells'])} | {parts[1]} |")
    above = sum(one["coverage"] > AIM[1] for one in found["grid"]["outside"])
    said = (
        f"{found['replications']:,} simulated studies per cell; each coverage has a Monte Carlo error of about {100 * found['monte_carlo_se']:.1f} points. "
        f"Of the {len(found['grid']['outside'])} outside, {above} are above the aim: few questions carry the event, so the interval is wide."
    )
    return "\n".join([*lines, "", said])


HARD = {
    "areas": "an area over the curve, of which few traces have any",
    "net": "an effect net of its control",
    "paired": "a paired difference of shares",
    "uneven": "a share, one question or several with most of the units",
    "sites": "an effect per site of a step",
    "silent": "a product of two shares (UAR)",
    "quotient": "a quotient of two shares",
    "judges": "Cohen's kappa of two judges",
    "labelled": "a judge's rate corrected by hand labels",
    "lost": "an area with a tenth of the answers missing",
    "tasks": "a mean over 2 to 6 tasks (these tasks)",
    "models": "a slope over 4 to 11 models",
}  # families of `benchmarks.coverage_hard`


def hard() -> str:
    """The table of coverage in hard designs in docs/statistics.md: the lowest of each family, not only the best."""
    found = _result("coverage_hard")
    least = found["enough"]
    lines = [
        f"| estimate | {least} questions or more with the event: lowest, highest | in the aim | fewer: lowest, highest | in the aim |",
        "|---|---:|---:|---:|---:|",
    ]
    for family, said in HARD.items():
        parts = []
        for enough in (True, False):
            (one,) = [row for row in found["worst"] if (row["family"], row["enough"]) == (family, enough)] or [None]
            parts += ["\N{EN DASH}", "\N{EN DASH}"] if one is None else [
                f"{100 * one['lowest']:.1f}, {100 * one['highest']:.1f}", f"{one['in_aim']} of {one['cells']}"
            ]  # fmt: skip
        lines.append(f"| {said} | {' | '.join(parts)} |")
    sizes = sorted({cell["replications"] for cell in found["cells"]}, reverse=True)
    counts = f"{sizes[0]:,} simulated studies per cell" + (f", {sizes[-1]:,} where answers are missing" if len(sizes) > 1 else "")
    return "\n".join([*lines, "", f"{counts}; a coverage of 95 % has a Monte Carlo error of 0.7 points with 1,000."])


def nulls() -> str:
    """The table of null simulations in docs/statistics.md: how often tests reject where nothing is true, and where something is."""
    shown = nulls_figure.points()
    aim, most = nulls_figure.AIM, nulls_figure.FAMILY
    lines = [
        f"| studies without an effect | tests | reject before adjustment: lowest, median, highest | {100 * aim[0]:g} to {100 * aim[1]:g} % | highest family after adjustment |",
        "|---|---:|---:|---:|---:|",
    ]
    for design, rows in shown[shown["null"]].groupby("design", sort=False):
        each, families = (rows.loc[rows["family"] == family, "rejects"] for family in (False, True))
        numbers = ", ".join(f"{100 * one:.1f}" for one in (each.min(), each.median(), each.max()))
        over = f" ({int((families > most).sum())} of {len(families)} above {100 * most:g} %)" if (families > most).any() else ""
        lines.append(
            f"| {design} | {len(each)} | {numbers} | {int(each.between(*aim).sum())} of {len(each)} | {100 * families.max():.1f}{over} |"
        )
    lines += [
        "",
        "| positive control | tests | reject before adjustment: lowest, median, highest | highest family after adjustment |",
        "|---|---:|---:|---:|",
    ]
    for design, rows in shown[~shown["null"]].groupby("design", sort=False):
        each, families = (rows.loc[rows["family"] == family, "rejects"] for family in (False, True))
        numbers = ", ".join(f"{100 * one:.1f}" for one in (each.min(), each.median(), each.max()))
        lines.append(f"| {design} | {len(each)} | {numbers} | {100 * families.max():.1f} |")
    studies = int(shown["studies"].max())
    return "\n".join(
        [
            *lines,
            "",
            f"{studies:,} simulated studies of each design; a rejection rate of 5 % has a Monte Carlo error of {100 * (0.05 * 0.95 / studies) ** 0.5:.1f} points.",
        ]
    )


def _result(name: str) -> Any:
    return json.loads((ROOT / "benchmarks" / "results" / f"{name}.json").read_text(encoding="utf-8"))


def main() -> None:
    """Rewrite the README's blocks, the table of coverage, and the figure."""
    fill(ROOT / "README.md", {"demo": demo(), "trust": trust(), "speed": speed()})
    fill(ROOT / "docs" / "table.md", {"demo": demo()})
    fill(ROOT / "docs" / "statistics.md", {"coverage": coverage(), "hard": hard(), "nulls": nulls()})
    fill(ROOT / "docs" / "engines.md", {"blocks": blocks()})
    same_answer.main(RUN, str(ROOT / "docs" / "same_answer.svg"))


def fill(path: Path, blocks: dict[str, str]) -> None:
    """Replace the text between the marks of each of `blocks` in the document `path`."""
    text = path.read_text(encoding="utf-8")
    for name, block in blocks.items():
        marked = f"<!-- {name} -->\n{block}\n<!-- /{name} -->"
        text, count = re.subn(f"<!-- {name} -->.*<!-- /{name} -->", lambda _, marked=marked: marked, text, flags=re.DOTALL)
        if count != 1:
            raise SystemExit(f"{path.name} must have the marks <!-- {name} --> and <!-- /{name} --> once.")
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
