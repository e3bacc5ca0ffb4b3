"""The default data beside the user's files: to fill kinds of file, or as careers of their own."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple, TypeVar

from vocation.data.folder import some
from vocation.data.report import Additions
from vocation.data.tables import Table
from vocation.errors import ConfigError
from vocation.records import MOST_ALIASES, Facts, Row
from vocation.text.clean import label_key
from vocation.text.titles import title_key

T = TypeVar("T")

_DEFAULT = "default {}"  # files of the default data in reports

# The last field of each group is empty where nothing of the group is known. Figures stay with
# their source, so a group is taken whole.
_GROUPS = (
    ("title",),
    ("soc",),
    ("isco08",),
    ("family",),
    ("entry_route",),
    ("job_zone", "interests", "interests_source"),
    (
        *("pay_title", "employment", "pay_p10", "pay_p25", "pay_median", "pay_p75", "pay_p90"),
        *("top_coded", "pay_source"),
    ),
)


def first_by_key(tables: Sequence[Mapping[str, T]]) -> dict[str, T]:
    """What the first table with a career knows of it, by `label_key`."""
    return {label_key(role): found for one in reversed(tables) for role, found in one.items()}


def spellings(rows: Iterable[Row]) -> dict[str, Counter[str]]:
    """The spellings of each career in `rows` with their number, by `label_key`."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for role, count in Counter(row.role for row in rows).items():
        found[label_key(role)][role] = count
    return found


def check_options(folder: object, with_defaults: bool) -> None:
    """Raise ConfigError where adding to the defaults has nothing to add, or is contradicted."""
    if with_defaults:
        raise ConfigError(
            "--with-defaults takes from the default data what your careers lack, --add-to-defaults"
            " keeps the default careers beside yours: choose one of them"
        )
    if folder is None:
        raise ConfigError(
            "--add-to-defaults adds your careers to the default ones: name the folder with your"
            " files"
        )


def fill(tables: Sequence[Table], ours: Sequence[Table]) -> list[Table]:
    """Return the default tables `ours` of the kinds that `tables` lack, cut to their careers."""
    there = {table.kind for table in tables if table.rows or table.facts}
    careers = set(spellings(_rows(tables)))
    filled = []
    for table in ours:
        if table.kind is not None and table.kind not in there:
            cut = _cut(table, careers)
            if cut.rows or cut.facts:
                hint = (
                    f"{cut.file}: {len(cut.rows):,} rows of the default data stand in for the file"
                    " you did not bring."
                )
                filled.append(replace(cut, hints=(hint,) if cut.rows else ()))
    return filled


def add(tables: Sequence[Table], ours: Sequence[Table]) -> tuple[list[Table], Additions]:
    """Return `tables` with the default ones `ours`, but for the careers that `tables` replace.

    A user's career takes the place of the default career of its name, and of those that it shares
    a title with: its name is an alias there, or one of its aliases the name. It inherits the facts
    and aliases that the user does not give. No default career keeps an alias that is a title of
    one of the user's careers.
    """
    yours, defaults = _Catalogue.of(tables), _Catalogue.of(ours)
    claims = _claims(yours, defaults)
    kept = [role for role in defaults.careers if role not in claims]
    owners = yours.owners()
    facts, aliases = {}, {}
    for role, careers in claims.items():
        for career in careers:
            if career in facts:  # it has inherited those of another one already
                continue
            facts[career] = _filled(yours.facts_of(career), defaults.facts_of(role))
            # A title that two careers share would count for neither.
            left = () if len(careers) > 1 else (role, *defaults.aliases_of(role))
            given = yours.aliases_of(career)
            left = tuple(
                title for title in (left[:1] if given else left) if _key(title) not in owners
            )
            aliases[career] = (*given, *left)[:MOST_ALIASES]
            owners |= {_key(title): career for title in left}
    moved = []
    for role in kept:
        facts[role] = _filled(yours.facts_of(role), defaults.facts_of(role))
        titles = yours.aliases_of(role) or defaults.aliases_of(role)
        aliases[role] = tuple(title for title in titles if _key(title) not in owners)
        moved += [(one, role, owners[_key(one)]) for one in titles if _key(one) in owners]
    told = [role for role in kept if label_key(role) in yours.facts]
    hint = f"careers.csv: your facts stand in for the default ones of {some(told)}."
    merged = Table(
        _DEFAULT.format("careers.csv"),
        "careers",
        facts=facts,
        aliases=aliases,
        hints=(hint,) if told else (),
    )
    additions = Additions(
        kept=len(kept),
        added=tuple(career for career in yours.careers if career not in facts),
        replaced=tuple((career, role) for role, some in claims.items() for career in some),
        moved=tuple(moved),
    )
    keys = set(map(label_key, kept))
    rest = [_cut(table, keys) for table in ours if table.kind not in (None, "careers")]
    # The merged facts first: of several tables with a career the first one counts.
    return [merged, *tables, *rest], additions


class _Catalogue(NamedTuple):
    """The careers that have rows, and what is known of any career, by `label_key`."""

    careers: list[str]
    facts: dict[str, Facts]
    aliases: dict[str, tuple[str, ...]]

    @classmethod
    def of(cls, tables: Sequence[Table]) -> _Catalogue:
        """Return the careers of `tables`, each by its most frequent spelling."""
        return cls(
            [counts.most_common(1)[0][0] for counts in spellings(_rows(tables)).values()],
            first_by_key([table.facts for table in tables]),
            first_by_key([table.aliases for table in tables]),
        )

    def facts_of(self, career: str) -> Facts | None:
        return self.facts.get(label_key(career))

    def aliases_of(self, career: str) -> tuple[str, ...]:
        return self.aliases.get(label_key(career), ())

    def owners(self) -> dict[str, str]:
        """The career that each title belongs to, by `_key`; names go before aliases."""
        titles = [(alias, career) for career in self.careers for alias in self.aliases_of(career)]
        titles += [(career, career) for career in self.careers]
        return {_key(title): career for title, career in titles}


def _claims(yours: _Catalogue, defaults: _Catalogue) -> dict[str, list[str]]:
    """The user's careers that take the place of each default one; those without are left out."""
    names = {_key(role): role for role in defaults.careers}
    sharing: dict[str, list[str]] = defaultdict(list)
    for role in defaults.careers:
        for key in dict.fromkeys(map(_key, defaults.aliases_of(role))):
            sharing[key].append(role)
    claims: dict[str, list[str]] = defaultdict(list)
    for career in yours.careers:
        if (key := _key(career)) in names:
            claims[names[key]].append(career)
    namesakes = frozenset(claims)  # where they are, nobody else takes the place
    for career in yours.careers:
        found = [names[key] for key in map(_key, yours.aliases_of(career)) if key in names]
        # An alias of several default careers names none of them.
        if _key(career) not in names and len(sharing[_key(career)]) == 1:
            found += sharing[_key(career)]
        for role in dict.fromkeys(found):
            if role not in namesakes:
                claims[role].append(career)
    return dict(claims)


def _filled(own: Facts | None, default: Facts | None) -> Facts:
    """The user's facts, and the default ones of the groups that they have nothing of."""
    own, default = own or Facts(), default or Facts()
    taken = [name for group in _GROUPS if not getattr(own, group[-1]) for name in group]
    return replace(own, **{name: getattr(default, name) for name in taken})


def _rows(tables: Sequence[Table]) -> Iterable[Row]:
    return (row for table in tables for row in table.rows)


def _cut(table: Table, careers: Collection[str]) -> Table:
    """The default `table` with the rows of `careers` (keys) alone, named as what it is."""
    file = _DEFAULT.format(table.file)
    rows = tuple(
        Row(row.role, row.source, row.cells, file, row.line)
        for row in table.rows
        if label_key(row.role) in careers
    )
    return replace(table, file=file, rows=rows, dropped=(), hints=())


def _key(title: str) -> str:
    """The key of a name or alias: case, blanks, hyphens and plural do not count."""
    return title_key(label_key(title)) or label_key(title)
