"""Write docs/commands.md from the command line's own --help."""

import os
from pathlib import Path

os.environ["COLUMNS"] = "110"
os.environ["NO_COLOR"] = "1"

TARGET = Path(__file__).parents[1] / "docs" / "commands.md"


def reference() -> str:
    """The page: what `vocation --help` and every `vocation COMMAND --help` print."""
    from vocation.cli import parser

    top = parser()
    commands = next(
        action
        for action in top._actions
        if hasattr(action, "choices") and isinstance(action.choices, dict)
    ).choices
    parts = [
        "# Commands",
        "",
        "Made from `--help` by `make docs`.",
        "",
        "```",
        top.format_help().rstrip(),
        "```",
    ]
    for name, command in commands.items():
        parts += ["", f"## vocation {name}", "", "```", command.format_help().rstrip(), "```"]
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    TARGET.write_text(reference(), encoding="utf-8")
