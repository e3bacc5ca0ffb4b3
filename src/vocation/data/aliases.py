"""The aliases of careers in careers.csv: other usual titles, separated by bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vocation.records import LONGEST_ALIAS, MOST_ALIASES, Row
from vocation.text.titles import title_key


def aliases_of(row: Row, hints: list[str]) -> tuple[str, ...]:
    """Return the aliases in one line of careers.csv; a hint names those left out."""
    parts = (part.strip() for part in row.cells.get("aliases", "").split("|"))
    found = tuple(dict.fromkeys(part for part in parts if part))
    kept = tuple(alias for alias in found if len(alias) <= LONGEST_ALIAS)[:MOST_ALIASES]
    if len(kept) < len(found):
        hints.append(
            f"{row.place}, column 'aliases': expected at most {MOST_ALIASES} titles"
            f" of {LONGEST_ALIAS} characters, separated by bars (nurse|staff nurse);"
            f" {len(found) - len(kept)} of {len(found)} left out."
        )
    return kept


def alias_hints(names: Sequence[str], aliases: Mapping[str, Sequence[str]]) -> list[str]:
    """Return a sentence for each alias, of one of `names`, that is also another career's.

    It names neither of them: of a text that says it, nothing follows.
    """
    of_name = {title_key(name): name for name in names}
    owners: dict[str, dict[str, str]] = {}  # by key: each career with its spelling
    for name in names:
        for alias in aliases.get(name, ()):
            owners.setdefault(title_key(alias), {}).setdefault(name, alias)
    hints = []
    for key, careers in owners.items():
        first, alias = next(iter(careers.items()))
        if key in of_name and of_name[key] not in careers:
            hints.append(
                f"aliases: {alias!r} of {first!r} is the name of the career {of_name[key]!r} and"
                " counts for that one alone."
            )
        elif len(careers) > 1:
            shared = " and ".join(map(repr, careers))
            hints.append(f"aliases: {alias!r} is shared by {shared} and so counts for neither.")
    return hints
