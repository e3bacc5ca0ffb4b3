"""Write docs/python-api.md from the docstrings of the package's public names."""

import inspect
import re
import sys
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "docs" / "python-api.md"
sys.path.insert(0, str(ROOT / "src"))

HEAD = """# Python

What `import vocation` offers, from the docstrings; made by `make docs`. [Getting
started](getting-started.md) and [Extending](extending.md) show how the pieces are used. Importing
the package loads nothing heavy: each name loads what it needs when it is first used, and only
`train` needs the extra `train`.
"""

CODE = "python3"
"""For a signature's block: `python` blocks of documents are run by the tests."""


class Plain:
    """An annotation as it is written; a string would be shown in quotes."""

    def __init__(self, text: object) -> None:
        self.text = str(text)

    def __repr__(self) -> str:
        return self.text


def documented(value: Any) -> str:
    """The docstring as Markdown: arguments that it explains as a list, examples as a block."""
    text = re.sub(r"[ \t]*# doctest:.*", "", inspect.getdoc(value) or "")
    text = re.sub(r"(?m)^(\w+(?:, \w+)*): ", r"- `\1`: ", text)
    text = re.sub(r"(?m)(?<!\n)\n(?=Raises )", r"\n\n", text)  # ends the list
    return re.sub(r"(?ms)^>>> .*?(?=\n\n|\Z)", r"```pycon\n\g<0>\n```", text)


def signature(name: str, value: Any) -> str:
    """The call, one argument a line where it is long."""
    found = inspect.signature(value)
    arguments = [
        one if one.annotation is one.empty else one.replace(annotation=Plain(one.annotation))
        for one in found.parameters.values()
        if one.name not in ("self", "cls")
    ]
    lines = [str(one) for one in arguments]
    kinds = [one.kind for one in arguments]
    if inspect.Parameter.KEYWORD_ONLY in kinds and inspect.Parameter.VAR_POSITIONAL not in kinds:
        lines.insert(kinds.index(inspect.Parameter.KEYWORD_ONLY), "*")
    result = found.return_annotation
    end = ")" if result in (found.empty, "None") else f") -> {result}"
    call = f"{name}({', '.join(lines)}{end}"
    return call if len(call) <= 90 else f"{name}(\n    " + ",\n    ".join(lines) + f",\n{end}"


def of_fields(value: Any) -> list[str]:
    """A table of a dataclass's fields: their types, and defaults where there are any."""
    rows = ["| field | type | default |", "|---|---|---|"]
    for one in fields(value):
        default = "" if one.default is MISSING else f"`{one.default!r}`"
        kind = str(one.type).replace("|", "\\|")
        rows.append(f"| `{one.name}` | `{kind}` | {default} |")
    return rows


def of_class(name: str, value: type) -> list[str]:
    """A class, its fields, and what its own methods and those of its bases in the package do."""
    parts = [f"## {name}", "", documented(value), ""]
    if is_dataclass(value):
        parts += [*of_fields(value), ""]
    for method in sorted(dir(value)):
        own = inspect.getattr_static(value, method)
        home = next((one for one in value.__mro__ if method in vars(one)), object)
        if method.startswith("_") or not home.__module__.startswith("vocation"):
            continue
        if isinstance(own, property):
            parts += [f"### {name}.{method}", "", documented(own), ""]
        elif callable(called := getattr(value, method)):
            call = signature(f"{name}.{method}", called)
            parts += [f"### {name}.{method}", "", f"```{CODE}\n{call}\n```", ""]
            parts += [documented(called), ""]
    return parts


def reference() -> str:
    """The whole page, names in alphabetical order."""
    import vocation

    parts = [HEAD]
    for name in sorted(set(vocation.__all__) - {"__version__"}, key=str.lower):
        value = getattr(vocation, name)
        if inspect.isclass(value):
            parts += of_class(name, value)
        else:
            call = signature(name, value)
            parts += [f"## {name}", "", f"```{CODE}\n{call}\n```", "", documented(value), ""]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(parts)).rstrip() + "\n"


if __name__ == "__main__":
    TARGET.write_text(reference(), encoding="utf-8")
