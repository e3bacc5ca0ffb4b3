"""What is known of the occupations of a catalogue, whichever it is, and which of them to take."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from vocation.errors import DataError
from vocation.importing.download import Source, shown
from vocation.records import LONGEST_ALIAS
from vocation.text.clean import label_key
from vocation.text.titles import title_key

MOST_TITLES = 40
"""Other titles that a career keeps, the most usual first."""

UNNAMED = "No file and no folder names the release: write it into NOTICE."


@dataclass(slots=True)
class Occupation:
    """An occupation of a catalogue; what it does not tell is empty or None.

    `code` is the catalogue's own, `title` what people will see. `titles` are its other titles, the
    most usual first. `tasks` are sentences on what one does, `needs` are sentences on what it
    takes, `skills` names of skills, the most telling first. `interests` has all six RIASEC scores
    (1 to 7) or none, `job_zone` is 1 to 5; `figures_from` names the source of both. `soc` and
    `soc_title` are the O*NET-SOC occupation, `isco08` the group of ISCO-08, `uri` the address in
    ESCO.
    """

    code: str
    title: str
    description: str = ""
    titles: list[str] = field(default_factory=list)
    family: str = ""
    isco08: str = ""
    uri: str = ""
    soc: str = ""
    soc_title: str = ""
    job_zone: int | None = None
    interests: dict[str, float] = field(default_factory=dict)
    figures_from: str = ""
    skills: list[str] = field(default_factory=list)
    tasks: list[str] = field(default_factory=list)
    needs: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Catalogue:
    """The occupations of a download, and what must be said about them.

    `name` is the catalogue with its release ("O*NET 29"), `notice` the lines of NOTICE that its
    licence asks for, `sources` the files that were read, `left_out` sentences on what was not
    taken, `remarks` others that the user should read.
    """

    name: str
    language: str
    notice: tuple[str, ...]
    occupations: list[Occupation]
    sources: list[Source] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def select(catalogue: Catalogue, only: Sequence[str] | None, limit: int | None) -> None:
    """Keep the occupations whose code begins with one of `only`, and at most `limit` of these.

    An ISCO-08 group counts as a code. The limit takes them from the whole list, at equal
    distances, so that a quick try meets every kind of work. Raises DataError for a beginning that
    no code has.
    """
    kept = catalogue.occupations
    if only:
        for start in only:
            if not any(_begins(one, (start,)) for one in kept):
                raise DataError(
                    f"--only {start[:40]}: no code in {catalogue.name} begins like that; expected"
                    f" some as {shown(sorted(one.code for one in kept)[:3])}."
                )
        kept = [one for one in kept if _begins(one, tuple(only))]
    if limit is not None and limit < len(kept):
        kept = [kept[i * len(kept) // limit] for i in range(limit)]
    if fewer := len(catalogue.occupations) - len(kept):
        catalogue.left_out.append(
            f"{many(fewer, 'occupation')} by --only and --limit; the counts of other titles are"
            " without theirs."
        )
    catalogue.occupations = kept


def _begins(one: Occupation, starts: tuple[str, ...]) -> bool:
    return one.code.startswith(starts) or one.isco08.startswith(starts)


def drop_empty(catalogue: Catalogue) -> None:
    """Leave out the occupations without a word of text: nothing could be learnt about them."""
    kept = [one for one in catalogue.occupations if one.description or one.tasks or one.skills]
    if lost := [one.title for one in catalogue.occupations if one not in kept]:
        catalogue.left_out.append(
            f"{many(len(lost), 'occupation')} without description, tasks and skills: {shown(lost)}."
        )
    catalogue.occupations = kept


def tell_apart(catalogue: Catalogue) -> None:
    """Add its code to each title that several occupations have: rows go by title alone."""
    count = Counter(label_key(one.title) for one in catalogue.occupations)
    same = [one for one in catalogue.occupations if count[label_key(one.title)] > 1]
    for one in same:
        one.title = f"{one.title} ({one.code})"
    if same:
        catalogue.remarks.append(
            f"{len(same):,} titles name several occupations each, so the code stands behind them:"
            f" {shown([one.title for one in same])}."
        )


def tell_missing(catalogue: Catalogue) -> None:
    """Say of which occupations something is not known that is known of others."""
    for what, name in _MISSING.items():
        without = [one.title for one in catalogue.occupations if not getattr(one, name)]
        if 0 < len(without) < len(catalogue.occupations):
            catalogue.left_out.append(
                f"No {what} for {many(len(without), 'occupation')}: {shown(without)}."
            )


_MISSING = {
    "description": "description",
    "tasks": "tasks",
    "skills": "skills",
    "interests": "interests",
    "job zone": "job_zone",
    "family": "family",
}


def many(count: int, noun: str) -> str:
    """Return a count with its noun: "1 occupation", "93 occupations"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def settle_titles(catalogue: Catalogue, whole: Sequence[Occupation]) -> None:
    """Keep of each occupation the other titles that name it alone, 40 at most.

    `whole` are all occupations of the catalogue: a title of two of them names neither, also where
    only one of the two was selected.
    """
    owner = {_key(one.title): one for one in whole}
    owners: dict[str, set[int]] = defaultdict(set)
    for i, one in enumerate(whole):
        for title in one.titles:
            owners[_key(title)].add(i)
    lost: Counter[str] = Counter()
    for one in catalogue.occupations:
        kept: dict[str, str] = {}
        for title in one.titles:
            key = _key(title)
            if key in kept or owner.get(key) is one:
                continue
            if key in owner or len(owners[key]) > 1:
                lost["would name another career as well"] += 1
            elif not _fits(title):
                lost["would be too long, or hold a bar"] += 1
            elif len(kept) == MOST_TITLES:
                lost[f"would come behind the first {MOST_TITLES} of their career"] += 1
            else:
                kept[key] = title
        one.titles = list(kept.values())
    catalogue.left_out += [
        f"{many(count, 'other title')} that {why}." for why, count in lost.items()
    ]


def _fits(title: str) -> bool:
    return len(title) <= LONGEST_ALIAS and "|" not in title and bool(_key(title))


def _key(title: str) -> str:
    """What the spellings of a title share, as the reader of careers.csv has it."""
    return title_key(label_key(title)) or label_key(title)


# An abbreviation: a word of capitals, "RN" or "CDO" or "HVAC/R".
_SHORT = re.compile(r"(?<![^\W_])[A-Z][A-Z/&]{1,}(?![^\W_])")
_BRACKETS = re.compile(r"([^()]+?)\s*\(([^()]+)\)")


def spellings(title: str) -> list[str]:
    """Return the titles in one entry: "CEO (Chief Executive Officer)" holds two.

    What stands in brackets is another title only if one of the two is an abbreviation; else it
    narrows the title down, and without it the title would claim too much.
    """
    found = _BRACKETS.fullmatch(title)
    if found and (_SHORT.search(found[1]) or _SHORT.search(found[2])):
        return [found[1].strip(), found[2].strip()]
    return [] if "(" in title else [title]


def unique(items: Iterable[str]) -> list[str]:
    """Return the items without repetitions, in their order."""
    return list(dict.fromkeys(items))
