"""Read families of patterns from a text file: lists that are longer than their code."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources

_BLOCK = re.compile(r"\{([A-Z_]+)\}")


@dataclass(frozen=True)
class Family:
    """Patterns of one kind, and when not to try them: where none of `cues` is among the words, or
    where `unless` finds something. Empty `cues` are always there.
    """

    cues: frozenset[str]
    patterns: tuple[str, ...]
    exceptions: str = ""
    flags: int = 0

    # Compiled when a text first needs it: all families together take longer than an answer.
    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Finds what any of the patterns finds."""
        return re.compile("|".join(self.patterns), self.flags)

    @cached_property
    def unless(self) -> re.Pattern[str] | None:
        """Finds what makes the patterns mean something else."""
        return re.compile(self.exceptions, self.flags) if self.exceptions else None


@cache
def families(file: str, flags: int = 0) -> dict[str, tuple[Family, ...]]:
    """Return the families of `file` in this folder by what they mean, in its order.

    The file describes its format in its first lines.
    """
    text = (resources.files("vocation.text") / file).read_text(encoding="utf-8")
    head, *parts = re.split(r"^## ", text, flags=re.MULTILINE)
    blocks: dict[str, str] = {}
    for line in _lines(head):
        name, _, pattern = line.partition(" = ")
        blocks[name] = _filled(pattern, blocks)
    found: dict[str, tuple[Family, ...]] = {}
    for part in parts:
        meaning = part.partition(":")[0]
        lines = _lines(part)[1:]
        fields = {
            name: line.removeprefix(f"{name}: ")
            for name in ("cues", "unless")
            for line in lines
            if line.startswith(f"{name}: ")
        }
        family = Family(
            frozenset(_filled(fields.get("cues", ""), blocks).replace("|", " ").split()),
            tuple(_filled(line, blocks) for line in lines[len(fields) :]),
            _filled(fields.get("unless", ""), blocks),
            flags,
        )
        found[meaning] = (*found.get(meaning, ()), family)
    return found


def _lines(text: str) -> list[str]:
    return [line for line in text.split("\n") if line and not line.startswith("#")]


def _filled(pattern: str, blocks: dict[str, str]) -> str:
    return _BLOCK.sub(lambda match: blocks[match[1]], pattern)
