"""Text to ids and back as a *continuation*: a transformers tokenizer without its special treatment of the start of a text.

Sentencepiece-like tokenizers add a space before a text and remove it when they decode, so that neither
`encode(a) + encode(b)` nor `decode(a) + decode(b)` holds. An anchor in front, taken off again, gives both.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from cotfaith.engines.shared.patience import limited
from cotfaith.engines.shared.quiet import quiet
from cotfaith.engines.shared.special import special_tokens
from cotfaith.errors import CotfaithError, EngineError, TimeLimitError
from cotfaith.types import Turn, Variables

# Short texts that end at a token boundary in most vocabularies: for any following text, at least one of them does.
ANCHORS = ("\n", "a", ".", "1", ")")
PROBES = ("a", "The", "1", "(", "\n")
# Some templates put today's date into the prompt, which would change every prompt and every content key from day to day.
TODAY = date(2024, 7, 26)  # the default of Llama's templates
Ids = tuple[int, ...]
MOST = 10_000_000  # characters of a rendered conversation
NO_TEXT = re.compile("[\ud800-\udfff]")  # halves of characters
BROKEN = "\ufffd"  # the output of decoders for bytes that are not (yet) a character


class ContinuationTokenizer:
    """The tokenizer contract over a transformers tokenizer.

    Args:
        inner: a PreTrainedTokenizer or PreTrainedTokenizerFast.
        name: the model's name, for errors.
        variables: what the chat template gets besides the messages. None means nothing.
    """

    def __init__(self, inner: Any, name: str, variables: Variables | None = None) -> None:
        self._inner = inner
        self._name = name
        self.variables: Variables = dict(variables or {})
        self._special = special_tokens(inner, self._trial, self.template)
        self.special_tokens = tuple(sorted(set(self._special.values())))
        self._marks = re.compile("|".join(map(re.escape, sorted(self.special_tokens, key=len, reverse=True))))
        self._anchors = [(text, self._plain(text)) for text in ANCHORS]
        self._plain_is_exact = all(self._anchored(text, self._plain) in (None, self._plain(text)) for text in PROBES)
        self._lead = self._decoding_anchor()
        self._start = self._leading()

    @property
    def has_template(self) -> bool:
        """Whether the checkpoint has a chat template."""
        return bool(self.template)

    @property
    def template(self) -> str:
        """The source of the chat template; the default one if there are several."""
        found = self._inner.chat_template
        if isinstance(found, dict):
            found = found.get("default") or next(iter(found.values()), "")
        return str(found or "")

    def encode(self, text: str) -> tuple[int, ...]:
        """The ids of `text` as a continuation; the text of a special token in it stays ordinary text."""
        ids = self.encode_rendered(text)
        if self._is_ordinary(ids, text):
            return ids
        ids = self._continued(text, self._literal)
        return ids if self._is_ordinary(ids, text) else self._spelled(text)

    def encode_rendered(self, text: str) -> tuple[int, ...]:
        """The ids of `text` as a continuation; the text of a special token in it becomes that token."""
        return self._continued(text, self._plain)

    def decode(self, ids: Sequence[int]) -> str:
        """The exact text of `ids`, including special tokens and a leading space."""
        if not ids:
            return ""
        lead, lead_text = self._lead
        text = self._decode([*lead, *ids])
        return text[len(lead_text) :] if text.startswith(lead_text) else self._decode(ids)

    def ends(self, ids: Sequence[int]) -> tuple[int, ...]:
        """For each token, the number of characters of `decode(ids)` that are final once it is read.

        A window of tokens is decoded at a time. It advances at every end of a character, so the time is linear in `ids`.
        """
        whole = self.decode(ids)
        ends: list[int] = []
        first, done, reached = 0, 0, 0
        for stop in range(1, len(ids) + 1):
            piece = self.decode(ids[first:stop])
            fits = whole.startswith(piece, done)
            reached = max(reached, done + (len(piece) if fits else _common(piece, whole, done)))
            ends.append(reached)
            if fits and piece and not piece.endswith(BROKEN):
                first, done = stop, done + len(piece)
        return tuple(ends)

    def render(self, turns: Sequence[Turn]) -> str:
        """The chat template applied to `turns`, up to the start of the assistant's turn, as text. Its date is always `TODAY`.

        Raises:
            EngineError: there is no template, it refuses these turns, or gives a text without end.
        """
        if not self.has_template:
            raise EngineError(f"Model {self._name} has no chat template: use the plain dialogue format instead.")
        try:
            return str(self._applied(_messages(turns), {}, tokenize=False))
        except (CotfaithError, MemoryError):
            raise
        except Exception as error:  # a template is code from elsewhere
            roles = ", ".join(turn.role for turn in turns)
            raise EngineError(
                f"The chat template of {self._name} refuses turns in the roles {roles} ({_line(error)}): "
                "use other turns, or the plain dialogue format."
            ) from error

    def render_messages(self, messages: Sequence[Mapping[str, Any]], *, speak: bool, variables: Mapping[str, Any]) -> str:
        """The chat template applied to raw `messages`, with the assistant's turn opened at the end if it is to `speak`."""
        return str(self._applied(messages, variables, tokenize=False, speak=speak))

    def start(self) -> tuple[int, ...]:
        """The ids that this tokenizer adds before every text by default: a beginning-of-text token, or none."""
        return self._start

    @property
    def bos(self) -> tuple[int, ...]:
        """The beginning-of-text token, whether or not this tokenizer adds it; empty if there is none."""
        own = self._inner.bos_token_id
        return () if own is None else (int(own),)

    def with_variables(self, variables: Variables) -> ContinuationTokenizer:
        """The same tokenizer, which gives exactly `variables` to the chat template."""
        return ContinuationTokenizer(self._inner, self._name, variables)

    def rendered_ids(self, turns: Sequence[Turn]) -> Ids:
        """The ids that the transformers tokenizer itself gives `turns` in its chat template, which must accept them."""
        return tuple(self._applied(_messages(turns), {}, tokenize=True))

    def _applied(self, messages: Sequence[Mapping[str, Any]], variables: Variables, *, tokenize: bool, speak: bool = True) -> Any:
        """The chat template applied to `messages`, as text or as ids; `variables` go before those of this tokenizer."""
        fixed = {"tokenize": tokenize, "return_dict": False, "add_generation_prompt": speak, "strftime_now": TODAY.strftime}
        with quiet(), limited(f"The chat template of {self._name}"):
            found = self._inner.apply_chat_template(list(messages), **{**self.variables, **variables, **fixed})
        if len(found) > MOST:
            raise TimeLimitError(
                f"The chat template of {self._name} gives {len(found):,} characters for {len(messages)} messages: correct it, or use another model."
            )
        if isinstance(found, str) and (half := NO_TEXT.search(found)):
            raise EngineError(
                f"The chat template of {self._name} writes half of a character ({half[0]!r}, a lone surrogate), which no text can have: correct it, "
                "or use the plain dialogue format."
            )
        return found

    def _trial(self, turns: Sequence[Turn]) -> str:
        """`turns` in the chat template; empty if it refuses them, or there is no template."""
        try:
            return self.render(turns)
        except TimeLimitError:
            raise
        except EngineError:
            return ""

    def _is_ordinary(self, ids: Ids, text: str) -> bool:
        """Whether no id is that of a special token. The unknown token does not count, unless `text` contains its text."""
        return all(i == self._inner.unk_token_id and self._special[i] not in text for i in self._special.keys() & set(ids))

    def _continued(self, text: str, encode: Callable[[str], Ids]) -> Ids:
        if not text:
            return ()
        anchored = None if self._plain_is_exact else self._anchored(text, encode)
        return encode(text) if anchored is None else anchored

    def _spelled(self, text: str) -> Ids:
        """The ids of `text` with the texts of special tokens encoded character by character."""
        ids, done = list[int](), 0
        for found in self._marks.finditer(text):
            for piece in (text[done : found.start()], *found[0]):
                ids += self._continued(piece, self._literal)
            done = found.end()
        return (*ids, *self._continued(text[done:], self._literal))

    def _plain(self, text: str) -> Ids:
        with quiet():  # the engine checks the length against the model's context
            return tuple(self._inner(text, add_special_tokens=False)["input_ids"])

    def _literal(self, text: str) -> Ids:
        with quiet():
            return tuple(self._inner(text, add_special_tokens=False, split_special_tokens=True)["input_ids"])

    def _anchored(self, text: str, encode: Callable[[str], Ids]) -> Ids | None:
        """The ids that follow an anchor's own ids in the ids of anchor + text; None if `text` merges with every anchor."""
        for anchor, ids in self._anchors:
            both = encode(anchor + text)
            if both[: len(ids)] == ids:
                return both[len(ids) :]
        return None

    def _decode(self, ids: Sequence[int]) -> str:
        return str(self._inner.decode(list(ids), skip_special_tokens=False, clean_up_tokenization_spaces=False))

    def _decoding_anchor(self) -> tuple[tuple[int, ...], str]:
        """Ids to put before the decoded ids, and their text; empty unless the start of a text is decoded differently."""
        samples = [self._anchored(text, self._plain) or self._plain(text) for text in ("a", " a", "The", " The", "(", " (")]
        if all(self._decode(ids + ids) == self._decode(ids) * 2 for ids in samples if ids):
            return (), ""
        _, ids = self._anchors[1]
        return ids, self._decode(ids)

    def _leading(self) -> tuple[int, ...]:
        with quiet():
            ids = tuple(self._inner("a")["input_ids"])
        plain = self._plain("a")
        places = (i for i in range(len(ids) - len(plain) + 1) if ids[i : i + len(plain)] == plain)
        return ids[: next(places, 0)]


def _common(piece: str, whole: str, start: int) -> int:
    """The length of the common prefix of `piece` and `whole[start:]`."""
    pairs = enumerate(zip(piece, whole[start : start + len(piece)], strict=False))
    return next((i for i, (ours, theirs) in pairs if ours != theirs), min(len(piece), len(whole) - start))


def _messages(turns: Sequence[Turn]) -> list[dict[str, str]]:
    """`turns` as a chat template takes them."""
    return [{"role": turn.role, "content": turn.text} for turn in turns]


def _line(error: BaseException) -> str:
    """The first line of the message of `error`."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
