"""The page of the command line: `python -m docs.generate.cli`. Every word of it is the help text of a command."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

import typer

from cotfaith import cli
from docs.generate.facts import cell

PAGE = Path(__file__).parents[1] / "cli.md"
FIRST = ("run", "demo", "estimate")  # the commands that a newcomer needs; the others follow as the code has them
EXAMPLE = "Example: "
OPENING = "The help text of every command: `cotfaith COMMAND --help` prints the same. `python -m docs.generate.cli` generates this page from the code."
EXIT = (
    f"Exit codes: 0 if all went well; {cli.FAILED} if the command failed, with the reason in one sentence; 2 if the options themselves cannot be read (one that "
    f"does not exist, or text for a number); {cli.INCOMPLETE} if a run was stopped before everything was done. The same command then resumes it."
)


def page() -> str:
    """The text of docs/cli.md."""
    group: Any = typer.main.get_command(cli.app)
    whole = group.make_context(group.name, [], resilient_parsing=True)
    commands = {name: group.commands[name] for name in (*FIRST, *(one for one in group.commands if one not in FIRST))}
    listed = "\n".join(f"- [{name}](#cotfaith-{name}): {_said(one.help)[0][0]}" for name, one in commands.items())
    return "\n\n".join(["# The command line", OPENING, listed, EXIT, *(_command(*one, whole) for one in commands.items())]) + "\n"


def _command(name: str, command: Any, whole: Any) -> str:
    """The section of a command: what it does, its examples, its arguments and its options."""
    context = command.make_context(name, [], parent=whole, resilient_parsing=True)
    told, examples = _said(command.help)
    usage = " ".join(["Usage: cotfaith", name, *command.collect_usage_pieces(context)])
    params = [(one.param_type_name, *one.get_help_record(context)) for one in command.get_params(context)]
    parts = [f"## cotfaith {name}", *told, f"```text\n{usage}\n```", "```sh\n" + "\n".join(examples) + "\n```"]
    for kind, title in (("argument", "Argument"), ("option", "Option")):
        rows = [f"| {_code(flag)} | {cell(meaning)} |" for which, flag, meaning in params if which == kind]
        parts += ["\n".join([f"| {title} | Meaning |", "|---|---|", *rows])] if rows else []
    return "\n\n".join(parts)


def _code(flag: str) -> str:
    """An argument or option as code in a table. Markdown has no way to write a bar there that every renderer takes."""
    return f"<code>{html.escape(flag).replace('|', '&#124;')}</code>" if "|" in flag else f"`{flag}`"


def _said(text: str) -> tuple[list[str], list[str]]:
    """The paragraphs of a help text, and the commands of its examples."""
    parts = [" ".join(part.split()) for part in text.split("\n\n")]
    return [one for one in parts if not one.startswith(EXAMPLE)], [
        one.removeprefix(EXAMPLE) for one in parts if one.startswith(EXAMPLE)
    ]


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    print(PAGE.relative_to(PAGE.parents[1]))


if __name__ == "__main__":
    main()
