"""The generated parts of the pages in docs/: `python -m docs.generate.pages`.

This module generates the text between the marks of a page from the code: `facts` from the description of an intervention, measure or
strategy, `example` from a run on one toy question with the scripted engine, in docs/batteries.md the contents of each battery, in
docs/write_your_own.md the example pack, in docs/catalogue.md the lists of all of them, in docs/cannot_tell.md what each measure cannot tell, and tables of reference (`docs.generate.reference`).
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cotfaith import seeds, study
from cotfaith.contracts import driver, intervention
from cotfaith.contracts.intervention import AbstractIntervention
from cotfaith.contracts.preset import Preset
from cotfaith.contracts.requests import Write, Written
from cotfaith.contracts.strategy import AbstractStrategy, Reason, Reasoned
from cotfaith.contracts.strategy import describe as describe_strategy
from cotfaith.measures import MEASURES
from cotfaith.plugins import presets, registry
from cotfaith.strategies.demonstrations import DEMONSTRATIONS
from cotfaith.types import Probe, Prompt, Question, Sampling, Trace
from docs.generate import reference
from docs.generate.facts import facts, metrics, table
from docs.generate.toy import ASKED, ELSEWHERE, FORMAT, MODEL, QUESTION, REASONING, REPLIES, TOKENIZER, toy, write

DOCS = Path(__file__).parents[1]
PACK = DOCS.parent / "tests" / "pack"

# Fewer sites, draws or kinds than the defaults if the defaults would fill more than a screen.
SMALLER: Mapping[str, Mapping[str, Any]] = {
    "filler": {"lengths": (0.5, 1.0), "kinds": ("ellipsis", "words")},
    "mistake": {"sites": 3},
    "paraphrase": {"sites": 2},
    "removal": {"sites": 2},
    "shuffle": {"draws": 2},
    "replacement": {"sites": 2},
    "resampling": {"sites": 1, "draws": 2},
    "resilience": {"sites": 2},
    "hint": {"kinds": ("suggested_answer", "metadata")},
    "mediation": {"cuts": 2},
    "insertion": {"insertions": 2},
    "budget": {"tokens": 20},
}

Blocks = dict[str, str]  # the generated texts of a page, by the names of their marks


def ours(group: registry.Group) -> list[str]:
    """The names in `group` that this package registers; other packages have their own pages."""
    return [name for name in registry.names(group) if registry.origin(group, name).distribution == "cotfaith"]


def main() -> None:
    """Rewrite the generated parts of every page."""
    for name, blocks in pages().items():
        page = DOCS / name
        page.write_text(filled(page.read_text(encoding="utf-8"), blocks, name), encoding="utf-8")
        print(page.relative_to(DOCS.parent))


def pages() -> dict[str, Blocks]:
    """Every page, by its path in docs/, with the text between its marks."""
    made: dict[str, Blocks] = {}
    lists: dict[str, list[str]] = {"interventions": [], "measures": [], "strategies": []}
    for kind, name, summary, blocks in (*_interventions(), *_measures(), *_strategies()):
        made[f"{kind}/{name}.md"] = blocks
        lists[kind].append(f"- [{name}]({kind}/{name}.md): {summary}")
    batteries = {name: presets.preset(name) for name in ours(presets.GROUP)}
    made["batteries.md"] = {name: _battery(name, one) for name, one in batteries.items()}
    lists["batteries"] = [f"- [{name}](batteries.md#{name}): {one.summary}" for name, one in batteries.items()]
    made["write_your_own.md"] = _pack()
    return {
        "cannot_tell.md": {"measures": _cannot_tell(), "off-policy": _off_policy()},
        "catalogue.md": {kind: "\n".join(those) for kind, those in lists.items()},
        **reference.pages(ours("cotfaith.tasks")),
        **made,
    }


def filled(text: str, blocks: Blocks, page: str) -> str:
    """`text` with the `blocks` between its marks.

    Raises:
        SystemExit: a mark does not occur exactly once.
    """
    for name, block in blocks.items():
        marked = f"<!-- {name} -->\n{block}\n<!-- /{name} -->"
        literal = marked.replace("\\", r"\\")
        text, count = re.subn(f"<!-- {name} -->.*?<!-- /{name} -->", literal, text, flags=re.DOTALL)
        if count != 1:
            raise SystemExit(f"docs/{page} must have the marks <!-- {name} --> and <!-- /{name} --> once, not {count} times.")
    return text


# --- facts ------------------------------------------------------------------------------------------------------------------


def _interventions() -> Iterator[tuple[str, str, str, Blocks]]:
    for name in ours("cotfaith.interventions"):
        cls = registry.load("cotfaith.interventions", name)
        about: intervention.InterventionInfo = cls.about
        rows = {"Summary": about.summary, "Paper": about.paper, "Move": about.move, "Needs": ", ".join(about.needs)}
        if about.prompts:
            rows["Prompts for a writer"] = ", ".join(about.prompts)
        made: AbstractIntervention = cls(**SMALLER.get(name, {}))
        yield "interventions", name, about.summary, {"facts": facts(rows, cls), "example": example(made)}


def _measures() -> Iterator[tuple[str, str, str, Blocks]]:
    for name, made in MEASURES.items():
        rows = {
            "Summary": made.summary,
            "Paper": made.paper,
            "Construct": made.construct,
            "Requires": "; ".join(_wanted(one, options) for one, options in made.requires.items()),
            "Uses if the study names them": ", ".join(map(_used, made.uses)),
            "Kinds": made.kinds,
            "Strategies": "side by side" if made.across else "one at a time",
            "Needs": ", ".join(sorted(made.needs)),
        }
        told = facts({key: said for key, said in rows.items() if said}, type(made))
        yield "measures", name, made.summary, {"facts": told, "metrics": metrics(made.metrics)}


def _strategies() -> Iterator[tuple[str, str, str, Blocks]]:
    for name in ours("cotfaith.strategies"):
        cls = registry.load("cotfaith.strategies", name)
        made: AbstractStrategy = cls(**SMALLER.get(name, {}))
        rows = {
            "Summary": made.manner.summary,
            "Paper": made.manner.paper,
            "Steps": f"`{_literal(made.steps)}`" if made.steps else "cut as the study says",
        }
        if made.manner.prompts:
            rows["Prompts for the model"] = ", ".join(made.manner.prompts)
        yield "strategies", name, made.manner.summary, {"facts": facts(rows, cls), "example": example_of_strategy(made)}


def _pack() -> Blocks:
    """The files of the example pack, which the tests install and run, by their names."""
    files = sorted([*(PACK / "cotfaith_example_pack").glob("*.*"), PACK / "pyproject.toml", PACK / "study.yaml"])
    kinds = {".py": "python", ".yaml": "yaml", ".toml": "toml"}
    return {
        path.name: f"```{kinds[path.suffix]}\n{path.read_text(encoding='utf-8').strip()}\n```"
        for path in files
        if path.stem != "__init__"
    }


def _battery(name: str, made: Preset) -> str:
    """The description of a battery, and every intervention that it runs, with all parameters."""
    chosen = study.make({"battery": name, "model": MODEL.info.model, "task": "addition"})
    plain = {key: value for key, value in made.choices.items() if isinstance(value, int | float)}
    rows = {
        "Summary": made.summary,
        "Paper": made.paper,
        "Differs from the paper": made.differs,
        "Measures": ", ".join(f"[{one}](measures/{one}.md)" for one in chosen.measures),
        "Strategies": ", ".join(f"[{one}](strategies/{one}.md)" for one in chosen.strategy),
        "Settings": ", ".join(f"`{key}: {value}`" for key, value in plain.items()),
    }
    runs = [f"- [{one}](interventions/{one}.md): `{intervention.describe(asked)}`" for one, asked in chosen.probing().items()]
    return "\n".join([*table(rows), "", "Interventions:", "", *runs])


def _cannot_tell() -> str:
    """What each measure cannot tell, as its page says, by construct."""
    constructs = dict.fromkeys(made.construct for made in MEASURES.values())
    parts = []
    for construct in sorted(constructs):
        those = [(name, made) for name, made in MEASURES.items() if made.construct == construct]
        parts += [
            f"### {construct.capitalize()}",
            *(f"**[{made.title}](measures/{name}.md).** {_limits(name)}" for name, made in those),
        ]
    return "\n\n".join(parts)


def _limits(measure: str) -> str:
    """The section "What it cannot tell" of the page of a measure, with links as from docs/."""
    page = (DOCS / "measures" / f"{measure}.md").read_text(encoding="utf-8")
    _, mark, said = page.partition("\n## What it cannot tell\n")
    if not mark:
        raise SystemExit(f"docs/measures/{measure}.md must have a section What it cannot tell.")
    return re.sub(r"\]\((\w+\.md)", r"](measures/\1", said.partition("\n## ")[0].strip())


def _off_policy() -> str:
    """The interventions that say of themselves that their text is off-policy."""
    said = {name: registry.load("cotfaith.interventions", name).about.summary for name in ours("cotfaith.interventions")}
    return "\n".join(f"- [{name}](interventions/{name}.md): {one}" for name, one in said.items() if "off-policy" in one)


def _wanted(name: str, options: Mapping[str, object]) -> str:
    said = ", ".join(f"{option}={value!r}" for option, value in options.items())
    return f"[{name}](../interventions/{name}.md)" + (f" (`{said}` is enough)" if said else "")


def _used(name: str) -> str:
    return "every intervention that no other measure of the study reads" if name == "*" else f"[{name}](../interventions/{name}.md)"


# --- examples ---------------------------------------------------------------------------------------------------------------


def example(made: AbstractIntervention) -> str:
    """The reasoning that the model is given in each probe of `made` on the toy question."""
    question, reasoning = ASKED.get(made.name, (QUESTION, REASONING))
    trace = toy(reasoning)
    (probes,) = driver.probes(made, [(trace, question)], REPLIES, seed=0)
    asked = " ".join(question.text.split())
    lines = [f"Question: {asked} Choices: {_choices(question)}. The model's own reasoning:", *_quoted(_literal(reasoning))]
    if any(probe.donor for probe in probes):
        lines += ["The donor's reasoning, on another question:", *_quoted(_literal(ELSEWHERE))]
    shown = "\n".join(line for probe in probes for line in _shown(trace, question, probe))
    return "\n".join([*lines, f"The probes of `{intervention.describe(made)}`:", *_quoted(shown)]).strip()


def example_of_strategy(made: AbstractStrategy) -> str:
    """The prompts that the scripted persona `faithful` gets on the toy question, and the reasoning slot that results."""
    talk = Talk(made)
    flow = made.flow(QUESTION, rng=seeds.stream(0, describe_strategy(made)))
    (reasoned,) = driver.drive([flow], lambda requests: [talk.reply(one) for one in requests])
    lines = [f"`{describe_strategy(made)}` on a toy question, with `{MODEL.info.model}`."]
    for number, (asked, said) in enumerate(talk.said, 1):
        lines += [
            f"Request {number} (the last turn of its conversation):",
            *_quoted(asked),
            "The model writes:",
            *_quoted(said),
        ]
    lines += [
        "The prompt before the reasoning slot:",
        *_quoted(_before(made)),
        "The reasoning slot:",
        *_quoted(_literal(reasoned.text)),
    ]
    return "\n".join(lines).strip()


@dataclass(frozen=True)
class Talk:
    """Answers the requests of a strategy, and records what was written outside the slot."""

    strategy: AbstractStrategy
    said: list[tuple[str, str]] = field(default_factory=list)

    def reply(self, request: Write | Reason) -> Written | Reasoned:
        """The reply of the scripted persona."""
        if isinstance(request, Write):
            written = write(MODEL, request)
            self.said.append((request.turns[-1].text, written.text))
            return written
        ids = FORMAT.prompt_ids(request.question) + TOKENIZER.encode(request.begun)
        sampling = Sampling(max_tokens=request.max_tokens or 256, stop=(*FORMAT.stop, *self.strategy.stop))
        (made,) = MODEL.generate([Prompt(ids, 0)], sampling)[0]
        return Reasoned(request.begun + made.text, TOKENIZER.encode(request.begun) + made.ids, finish=made.finish)


def _shown(trace: Trace, asked: Question, probe: Probe) -> Iterator[str]:
    """A probe as lines: its place, and the literal reasoning that the model is given in its own turn."""
    facts = [f"site {probe.site}", f"dose {probe.dose:.3g}"]
    named = {"kind": probe.kind, "target": probe.target, "draw": probe.draw, "donor": probe.donor}
    facts += [f"{key} {value}" for key, value in named.items() if value]
    does = {"answer": "answers", "continue": "continues, then answers"}[probe.then] if probe.valid else f"not read: {probe.note}"
    yield f"{probe.arm}: {', '.join(facts)}; {does}"
    if probe.question is not None:
        yield from (f"    {part}" for part in _edited(probe.question, asked))
    inserted = probe.insert if probe.insert_ids is None else TOKENIZER.decode(probe.insert_ids)
    yield f"    {_literal(TOKENIZER.decode(trace.reasoning_ids[: probe.keep]) + inserted)}"


def _edited(question: Question, asked: Question) -> Iterator[str]:
    """The parts of `question` that differ from the plain question `asked`."""
    for turn in question.turns:
        yield f"{turn.role}: {_literal(turn.text)}"
    said, plain = (
        {"Before": one.before, "Question": one.text, "Choices": _choices(one), "After": one.after} for one in (question, asked)
    )
    yield from (f"{key}: {one if key == 'Choices' else _literal(one)}" for key, one in said.items() if one != plain[key])


def _before(made: AbstractStrategy) -> str:
    """The prompt of the toy question, with one of the demonstrations."""
    posed = made.pose(QUESTION)
    last = TOKENIZER.decode(FORMAT.prompt_ids(dataclasses.replace(posed, turns=())))
    if not posed.turns:
        return last
    each = 4  # turns of a demonstration
    more = len(DEMONSTRATIONS) - 1
    first = dataclasses.replace(posed, turns=posed.turns[: len(posed.turns) - each * more])
    return TOKENIZER.decode(FORMAT.prompt_ids(first)).removesuffix(last) + f"[{more} more such examples]\n\n{last}"


def _choices(question: Question) -> str:
    return ", ".join(f"({letter}) {text}" for letter, text in zip(question.letters, question.choices, strict=True))


def _literal(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _quoted(text: str) -> Sequence[str]:
    return ("", "```text", text, "```", "")


if __name__ == "__main__":
    main()
