"""A chat template asked where the reasoning goes: it renders an assistant turn with reasoning, and shows what it writes around it.

Templates take reasoning in fields of different names, or as a part of the content. Many remove it from past turns, so the turn
stands last, and some keep it only beside a call of a tool. Where a template renders no reasoning, its generation prompt and the
known tags tell the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from cotfaith.errors import TimeLimitError
from cotfaith.prompts.channels import KNOWN, MARK, Channel, Marks, Opened, closes
from cotfaith.prompts.rendering import unchecked
from cotfaith.types import RendersMessages, Tokenizer, Turn

QUESTION, REASONING, ANSWER, CALL = "COTFAITHQUESTION", "COTFAITHREASONING", "COTFAITHANSWER", "COTFAITHCALL"
ASKED = {"role": "user", "content": QUESTION}
FIELDS = ("reasoning_content", "reasoning", "thinking", "thought")
SWITCHES = ("enable_thinking", "thinking")  # variables of templates that turn reasoning on and off


def find_channel(tokenizer: Tokenizer) -> Channel | None:
    """The reasoning channel of the tokenizer's chat template; None if it has none.

    Raises:
        Refused: the template refuses a question.
    """
    if not tokenizer.has_template:
        return None
    head = unchecked(tokenizer, (Turn("user", QUESTION),))
    shown = (_shown(head, text) for text in _renderings(tokenizer))
    channel = next((one for one in shown if one is not None), None)
    channel = channel or _at_the_end(head) or _described(tokenizer, head)
    if channel is None or channel.opened != "model":
        return channel
    on, off = _switched(tokenizer, on=True), _switched(tokenizer, on=False)
    if off == head and on not in (head, ""):  # what the model does unless a variable asks for reasoning
        return replace(channel, opened="off")
    return channel


def _renderings(tokenizer: Tokenizer) -> Iterator[str]:
    """The template's texts of a turn with reasoning, for each way to give it; empty where it refuses one."""
    for message in _messages():
        yield _tried(tokenizer, [ASKED, {"role": "assistant", **message}], speak=False)


def _messages() -> Iterator[dict[str, Any]]:
    call = {"id": "call00000", "type": "function", "function": {"name": CALL, "arguments": {}}}
    for name in FIELDS:
        yield {"content": ANSWER, name: REASONING}
    yield {"content": [{"type": "thinking", "thinking": REASONING}, {"type": "text", "text": ANSWER}]}
    yield {"content": {"blocks": [{"type": "thoughts", "text": REASONING}, {"type": "response", "text": ANSWER}]}}
    for name in FIELDS:
        yield {"content": ANSWER, name: REASONING, "tool_calls": [call]}


def _tried(tokenizer: Tokenizer, messages: list[dict[str, Any]], *, speak: bool, variables: Mapping[str, Any] | None = None) -> str:
    if not isinstance(tokenizer, RendersMessages):
        return ""
    try:
        return tokenizer.render_messages(messages, speak=speak, variables=variables or {})
    except TimeLimitError:
        raise
    except Exception:  # noqa: BLE001  a template may fail in any way over a message that it does not know
        return ""


def _switched(tokenizer: Tokenizer, *, on: bool) -> str:
    """The generation prompt with reasoning turned on or off by the usual variables; empty if the template refuses them."""
    return _tried(tokenizer, [ASKED], speak=True, variables=dict.fromkeys(SWITCHES, on))


# --- what a rendered turn shows --------------------------------------------------------------------------------------------


def _shown(head: str, text: str) -> Channel | None:
    """The channel in the rendered `text` of a turn with reasoning, given the generation prompt `head`; None if there is none."""
    before, found, rest = text.partition(REASONING)
    closing, answered, end = rest.partition(ANSWER)
    if not (found and answered) or REASONING in rest or ANSWER in before:
        return None
    if before.startswith(head):
        start = before[len(head) :]
    elif before.startswith(head.rstrip()):
        start = before[len(head.rstrip()) :].lstrip()  # the prompt has white space of its own there
    else:
        start = ""
    further = head[len(before.rstrip()) :] if head.startswith(before.rstrip()) else ""  # of a prompt that says more than a turn
    closed = _closing_mark(closing)
    if not closed:
        return None
    opens = _opening_mark(start, "" if further.strip() == closed else further, before)
    if CALL in closing:  # the call stands before the answer, so the answer's own beginning is not shown
        closing = closing[: closing.index(closed) + len(closed)]
    if closes(head, opens, closed) or opens + closed in "".join(head.rpartition(QUESTION)[2].split()):
        return Channel(opens, closed, "", closing, "closed")
    left = bool(start.strip())
    mark = MARK.match(end.lstrip())
    return Channel(
        opens, closed, start, closing, "model" if left else "prompt", _again(head, closing, closed, start) if left else "",
        end.strip() if mark else "",
    )  # fmt: skip


def _opening_mark(start: str, further: str, before: str) -> str:
    """The opening tag: of what a turn or the generation prompt adds, else the last tag before the reasoning."""
    shown = start.strip() or further.strip() or before.rstrip()
    known = next((one.open for one in KNOWN if shown.endswith(one.open)), "")
    if known or start.strip() or further.strip():
        return known or shown
    last = [found for found in MARK.finditer(shown[-62:]) if shown.endswith(found[0])]
    return last[-1][0] if last else ""


def _closing_mark(closing: str) -> str:
    known = next((one.close for one in KNOWN if closing.lstrip().startswith(one.close)), "")
    if known:
        return known
    found = MARK.search(closing)
    return found[0] if found else ""


def _again(head: str, closing: str, closed: str, start: str) -> str:
    """How another message of reasoning begins: the start of an assistant's turn, as the generation prompt ends, and the opening."""
    final, head = closing.partition(closed)[2].strip(), head.rstrip()
    turn = next((final[:size] for size in range(len(final), 0, -1) if head.endswith(final[:size])), "")
    return turn + start if turn else ""


# --- what the known tags show ---------------------------------------------------------------------------------


def _at_the_end(head: str) -> Channel | None:
    """The known channel that the generation prompt `head` opens or closes."""
    for known in KNOWN:
        if closes(head, known.open, known.close):
            return _known(known, known.pad, known.gap, "closed")
        if head.rstrip().endswith(known.open):
            pad = "\n" if head.endswith("\n") else ""
            channel = _known(known, pad, known.gap if pad or not known.pad else "", "prompt")
            return replace(channel, opening="")
    return None


def _described(tokenizer: Tokenizer, head: str) -> Channel | None:
    """The known channel that a turn has empty, that the prompt `head` describes, or that shows once reasoning is turned on or off.

    A tag that the template only removes is enough where it also has a switch.
    """
    turn = _tried(tokenizer, [ASKED, {"role": "assistant", "content": ANSWER}], speak=False).partition(ANSWER)[0]
    start = turn[len(head.rstrip()) :] if turn.startswith(head.rstrip()) else ""
    on, off = _switched(tokenizer, on=True), _switched(tokenizer, on=False)
    for known in KNOWN:
        if "".join(start.split()) == known.open + known.close:  # no reasoning can be put into it
            return _known(known, *_pads(known, start), "model")
        if on == head and closes(off.rpartition(QUESTION)[2], known.open, known.close):
            return _known(known, *_pads(known, off), "model")
        if known.named_in(head):
            return _known(known, known.pad, known.gap, "model")
    if not on or on == off:
        return None
    switched = (one for one in KNOWN if on.rstrip().endswith(one.open) or one.named_in(on) or one.read_by(tokenizer.template))
    return next((_known(one, one.pad, one.gap, "model" if on == head else "off") for one in switched), None)


def _known(known: Marks, pad: str, gap: str, opened: Opened) -> Channel:
    return Channel(known.open, known.close, known.open + pad, pad + known.close + known.final + gap, opened)


def _pads(known: Marks, off: str) -> tuple[str, str]:
    """The white space in an empty channel at the end of `off`: within the tags, and after them."""
    gap = off[len(off.rstrip()) :]
    within = off.rstrip().removesuffix(known.close).rpartition(known.open)[2]
    half, odd = divmod(len(within), 2)
    return (within[:half], gap) if not odd else (known.pad, known.gap)
