"""The laws of engines: `check_engine(MyOptions().open("name"))` in your own test, on a small opened model.

The laws test the capabilities in `info.capabilities`. An engine without `option_logprobs` is not asked for scores.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import isclose

from cotfaith.contracts.engine import CAPABILITIES
from cotfaith.errors import EngineError
from cotfaith.testing.laws import hold, unless
from cotfaith.types import Branch, Engine, PrefixTree, Prompt, Sampling, ScoringEngine

Law = Callable[[Engine], Iterator[str]]

LEAD = "Human: Question: What is 2 + 3?\n\nChoices:\n(A): 5\n(B): 6\n\nAssistant: Let's think step by step:"
THOUGHT = " 2 + 3 is 5. So the answer is (A)."
CUE = "\n\nHuman: What's the single, most likely answer?\n\nAssistant: The single, most likely answer is ("
TEXTS = ("", "A", " A", "So the answer is (B).\n", "caf\u00e9 \U0001f600 \u00bd", "  two  spaces ")
MOST = 100  # special tokens that are tried; some vocabularies have thousands that are never used
CLOSE = 1e-3  # between log-probabilities of the same branch in two calls


@dataclass(frozen=True)
class Case:
    """A prompt and a prefix tree in the tokens of an engine."""

    prompt: tuple[int, ...]
    tree: PrefixTree


def case(engine: Engine) -> Case:
    """The toy question in the tokens of `engine`, cut at every fourth token of a reasoning."""
    encode = engine.tokenizer.encode
    start, thought, cue = encode(LEAD), encode(THOUGHT), encode(CUE)
    branches = [Branch(len(start) + i, cue, (encode("A"), encode("B"))) for i in range(0, len(thought) + 1, 4)]
    return Case(start, PrefixTree(start + thought, tuple(branches)))


def says_what_it_is(engine: Engine) -> Iterator[str]:
    """Its info names model, revision, engine and version. It states known capabilities, and has `score` if and only if it says so."""
    info = engine.info
    for key in ("model", "revision", "engine", "version"):
        yield from unless(getattr(info, key), f"its info has no {key}")
    yield from unless(
        info.capabilities <= {*CAPABILITIES}, f"it states the unknown capabilities {sorted(info.capabilities - {*CAPABILITIES})}"
    )
    scores = isinstance(engine, ScoringEngine)
    stated = "option_logprobs" in info.capabilities
    yield from unless(
        scores == stated,
        f"it {'has' if scores else 'lacks'} `score`, and {'states' if stated else 'does not state'} option_logprobs",
    )
    plain = all(isinstance(value, str | int | float | bool) for value in info.arguments.values())
    yield from unless(plain, "an argument in its info is not text, a number or a truth value")


def text_survives_its_tokens(engine: Engine) -> Iterator[str]:
    """Text survives a round trip through ids, with the end of each token. Joined ids decode to joined text."""
    tokenizer = engine.tokenizer
    for text in TEXTS:
        ids = tokenizer.encode(text)
        ends = list(tokenizer.ends(ids))
        yield from unless(tokenizer.decode(ids) == text, f"{text!r} comes back as {tokenizer.decode(ids)!r}")
        whole = ends == sorted(ends) and len(ends) == len(ids) and (ends[-1] if ends else 0) == len(text)
        yield from unless(whole, f"the ends of the tokens of {text!r} are {ends}")
    joined = tokenizer.decode(tokenizer.encode("So the") + tokenizer.encode(" answer is (B)"))
    yield from unless(joined == "So the answer is (B)", f"two texts, encoded and joined, are {joined!r}")
    yield from unless(tokenizer.has_template == bool(tokenizer.template), "has_template and template do not agree")


def special_tokens_in_content_stay_text(engine: Engine) -> Iterator[str]:
    """The text of a special token is that token where a template wrote it, and ordinary text in content."""
    tokenizer = engine.tokenizer
    for text in TEXTS:
        yield from unless(tokenizer.encode_rendered(text) == tokenizer.encode(text), f"{text!r} has other ids as rendered text")
    for token in tokenizer.special_tokens[:MOST]:
        rendered, content = tokenizer.encode_rendered(token), tokenizer.encode(f"So {token} is")
        yield from unless(len(rendered) == 1, f"the special token {token!r} is {len(rendered)} tokens in rendered text")
        yield from unless({*rendered}.isdisjoint(content), f"the text {token!r} becomes a special token in content")
        said = tokenizer.decode(content)
        yield from unless(said == f"So {token} is", f"the text 'So {token} is' comes back as {said!r}")


def completions_are_in_order(engine: Engine) -> Iterator[str]:
    """Each prompt has one completion per sample, within its token limit, and the ids of a completion decode to its text."""
    given = case(engine)
    after = given.tree.trunk[len(given.prompt) :][:4]
    rows = engine.generate([Prompt(given.prompt, 1 << 16, (0, 3)), Prompt(given.prompt + after, 2 << 16)], Sampling(max_tokens=12))
    yield from unless([len(row) for row in rows] == [2, 1], f"of prompts with 2 and 1 samples come {[len(row) for row in rows]}")
    for one in (one for row in rows for one in row):
        yield from unless(engine.tokenizer.decode(one.ids) == one.text, f"the ids of {one.text!r} are another text")
        yield from unless(len(one.ids) <= 12, f"{len(one.ids)} tokens come where 12 are the most")
        yield from unless(one.finish in {"stop", "length"}, f"a completion ends by {one.finish!r}")
    yield from unless(engine.generate([], Sampling()) == [], "no prompts give something")


def a_sample_is_named_by_its_seed(engine: Engine) -> Iterator[str]:
    """For an engine that states `seeds`, a sample is the same alone, with other samples, and with other prompts."""
    if "seeds" not in engine.info.capabilities:
        return
    prompt, sampling = case(engine).prompt, Sampling(max_tokens=12)
    (both,) = engine.generate([Prompt(prompt, 1 << 16, (0, 3))], sampling)
    ((alone,),) = engine.generate([Prompt(prompt, (1 << 16) + 3)], sampling)
    _, (beside,) = engine.generate([Prompt(prompt), Prompt(prompt, 1 << 16, (3,))], sampling)
    yield from unless(alone.ids == both[1].ids, "a sample with others differs from the same one alone")
    yield from unless(beside.ids == both[1].ids, "a sample beside another prompt differs from the same one alone")


def stop_strings_are_no_part(engine: Engine) -> Iterator[str]:
    """A completion ends before the first stop string, and its ids are the text up to there."""
    prompt = case(engine).prompt
    ((whole,),) = engine.generate([Prompt(prompt, 7 << 16)], Sampling(max_tokens=40))
    stop = next((whole.text[i : i + 2] for i in range(4, len(whole.text) - 1) if "\ufffd" not in whole.text[i : i + 2]), None)
    if stop is None:
        yield f"it writes {whole.text!r}, too little to stop in"
        return
    ((ended,),) = engine.generate([Prompt(prompt, 7 << 16)], Sampling(max_tokens=40, stop=(stop,)))
    yield from unless(ended.finish == "stop" and stop not in ended.text, f"{ended.text!r} does not end before {stop!r}")
    yield from unless(whole.text.startswith(ended.text), f"with a stop string it writes {ended.text!r}, without {whole.text!r}")
    yield from unless(engine.tokenizer.decode(ended.ids) == ended.text, "the ids of a stopped completion are another text")


def scores_are_log_probabilities(engine: Engine) -> Iterator[str]:
    """One score per branch, in order, with one log-probability per candidate. A shared prefix is computed once."""
    if not isinstance(engine, ScoringEngine):
        return
    tree = case(engine).tree
    (scores,) = engine.score([tree])
    yield from unless(len(scores) == len(tree.branches), f"{len(tree.branches)} branches have {len(scores)} scores")
    for branch, found in zip(tree.branches, scores, strict=False):
        fine = len(found.logprobs) == 2 and all(value <= 0 for value in found.logprobs)
        yield from unless(fine, f"the log-probabilities of a branch are {found.logprobs}")
        length = branch.offset + len(branch.suffix)
        yield from unless(found.tokens_asked == length, f"a branch of {length} tokens says that it has {found.tokens_asked}")
    computed, asked = sum(one.tokens_computed for one in scores), sum(one.tokens_asked for one in scores)
    yield from unless(computed < asked, f"of {asked} tokens with a shared beginning it computes {computed}")
    yield from unless(engine.score([]) == [], "no trees give something")


def order_changes_no_score(engine: Engine) -> Iterator[str]:
    """The order of branches and of trees does not change scores."""
    if not isinstance(engine, ScoringEngine):
        return
    tree = case(engine).tree
    (scores,) = engine.score([tree])
    turned = PrefixTree(tree.trunk, tree.branches[::-1])
    other, again = engine.score([PrefixTree(tree.trunk, tree.branches[:1]), turned])
    pairs = [*zip(again, scores[::-1], strict=False), *zip(other, scores, strict=False)]
    same = (
        len(other) == 1
        and len(again) == len(scores)
        and all(isclose(a, b, abs_tol=CLOSE) for one, two in pairs for a, b in zip(one.logprobs, two.logprobs, strict=True))
    )
    yield from unless(same, "the order of branches or trees changes a score")


def an_offset_outside_is_refused(engine: Engine) -> Iterator[str]:
    """A branch with an offset outside the trunk raises an EngineError."""
    if not isinstance(engine, ScoringEngine):
        return
    tree = case(engine).tree
    for offset in (-1, 10_000):
        branch = Branch(offset, tree.branches[0].suffix, tree.branches[0].candidates)
        try:
            engine.score([PrefixTree(tree.trunk, (branch,))])
        except EngineError:
            continue
        yield f"a branch at {offset} of a trunk of {len(tree.trunk)} tokens is scored"


LAWS: Mapping[str, Law] = {
    law.__name__: law
    for law in (
        says_what_it_is,
        text_survives_its_tokens,
        special_tokens_in_content_stay_text,
        completions_are_in_order,
        a_sample_is_named_by_its_seed,
        stop_strings_are_no_part,
        scores_are_log_probabilities,
        order_changes_no_score,
        an_offset_outside_is_refused,
    )
}


def check_engine(engine: Engine) -> None:
    """Check that `engine` keeps every law.

    Raises:
        AssertionError: it breaks a law. The message has one line per breach.
    """
    hold(f"The engine {engine.info.engine} on {engine.info.model}", (one for law in LAWS.values() for one in law(engine)))
