"""What a recommender is asked: the texts, and the careers that may be named."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from vocation import catalogue
from vocation.records import Career, Facts
from vocation.text.clean import label_key


class _Array(Protocol):
    """A numpy array, a pandas Series, or what else can be made an array of."""

    def __array__(self, *args: Any, **kwargs: Any) -> NDArray[Any]: ...


_NEAR, _ALIKE = 5, 0.7  # titles that are nearly what was asked for, and how much alike they are
_SLIP = 0.8  # so much alike are titles that nobody is asked about: "nusre", "nurse"

Texts = list[Any] | tuple[Any, ...] | _Array
"""Several texts, one after the other; None and NaN among them are empty texts."""


def choose(
    careers: Sequence[Career], exclude: Sequence[str] = (), only: Sequence[str] | None = None
) -> NDArray[np.bool_]:
    """Return which careers are left (careers,): of `only` (None: all) those not in `exclude`.

    Case, blanks and hyphens do not count. Raises ValueError for an unknown name, with the nearest
    ones, and if none is left.
    """
    # A text is refused below: it is no list of names.
    exclude = exclude if isinstance(exclude, str) else _names(exclude)
    only = only if only is None or isinstance(only, str) else _names(only)
    if only is None and not isinstance(exclude, str) and not exclude:
        return np.full(len(careers), True)  # the usual question: keys of all titles take 2 ms
    place = {label_key(career.name): i for i, career in enumerate(careers)}
    # Only to find what is meant: an alias may stand for several careers.
    titles = {label_key(alias): i for i, one in enumerate(careers) for alias in one.aliases} | place
    for names in (exclude, only or ()):
        if isinstance(names, str):
            raise TypeError(f"expected a list of careers, found the text {names[:60]!r}")
        for name in names:
            if label_key(name) not in place:
                near = difflib.get_close_matches(label_key(name), list(titles), n=3, cutoff=0.6)
                hint = ", ".join(dict.fromkeys(repr(careers[titles[key]].name) for key in near))
                raise ValueError(
                    f"expected a career that the bundle knows, found {name[:60]!r}"
                    + (f"; the nearest names are {hint}" if hint else "")
                )
    left = np.full(len(careers), only is None)
    left[[place[label_key(name)] for name in only or ()]] = True
    left[[place[label_key(name)] for name in exclude]] = False
    if not left.any():
        raise ValueError("no career is left: exclude fewer, or name more of them under only")
    return left


def entry(career: Career, rows: int | None) -> dict[str, Any]:
    """Return a career as a list names it, in plain values; it was learnt from so many `rows`."""
    facts = career.facts or Facts()
    return {
        "career": career.name,
        "family": facts.family,
        "job_zone": facts.job_zone,
        "preparation": catalogue.PREPARATION.get(facts.job_zone or 0, ""),
        "isco08": facts.isco08,
        "soc": facts.soc,
        "entry_route": facts.entry_route,
        "rows": rows,
    }


def find(careers: Sequence[Career], query: str) -> list[Career]:
    """Return the careers whose name, other title or family fits `query`, the best first.

    An equal title comes first, then the family of that name, then those with the words of the query
    or their beginnings: names before other titles, these before families. Where nothing fits as
    it is, those that are spelt nearly so.
    """
    equal, named, titled = _fitting(careers, query)
    key, families = label_key(query), [one.facts.family if one.facts else "" for one in careers]
    kin: dict[str, list[int]] = {}
    for i, family in enumerate(families):
        if family:
            kin.setdefault(label_key(family), []).append(i)
    fits = _has_words(query)
    related = [i for i, family in enumerate(families) if key and fits(family)]
    order = dict.fromkeys((*equal, *kin.get(key, ()), *named, *titled, *related))
    if order:
        return [careers[i] for i in order]
    # A slip of the pen is only looked for where nothing fits as it is.
    akin = [careers[i] for name in _close(key, kin, _ALIKE) for i in kin[name]]
    return list({one.name: one for one in (*nearest(careers, query), *akin)}.values())


def meant(careers: Sequence[Career], query: str) -> list[Career]:
    """Return the one career that `query` means, the several that it may mean, or none.

    An equal title means its career, and so do words that occur in one name, or else in the titles
    of one career; where nothing fits, a title that is spelt nearly so is meant.
    """
    equal, named, titled = _fitting(careers, query)
    found = equal or named or titled
    return [careers[i] for i in found] or nearest(careers, query, _SLIP)[:1]


def nearest(careers: Sequence[Career], query: str, alike: float = _ALIKE) -> list[Career]:
    """Return up to ten careers with a title that is spelt nearly as `query`, the best first.

    `alike` is the least similarity, from 0 to 1 for the same letters. Neither the order of words
    counts nor a blank: "desinger, graphic", "hair dresser".
    """
    forms = {form: i for title, i in _titles(careers).items() for form in _forms(title)}
    found = dict.fromkeys(forms[form] for form in _close(label_key(query), forms, alike))
    return [careers[i] for i in found]


def _titles(careers: Sequence[Career]) -> dict[str, int]:
    """Each title once, of the first career that has it; the careers' own names go before."""
    titles = {label_key(one.name): i for i, one in enumerate(careers)}
    for i, career in enumerate(careers):
        for alias in career.aliases:
            titles.setdefault(label_key(alias), i)
    return titles


def _fitting(careers: Sequence[Career], query: str) -> tuple[list[int], list[int], list[int]]:
    """The careers with the title `query`; with its words in their name; in one other title."""
    key, titles = label_key(query), _titles(careers)
    if not key:
        return [], [], []
    fits = _has_words(query)
    named = [i for i, one in enumerate(careers) if fits(one.name)]
    titled = [i for i, one in enumerate(careers) if any(map(fits, one.aliases))]
    return [titles[key]] if key in titles else [], named, titled


def _has_words(query: str) -> Callable[[str], bool]:
    """Tells whether a title has all words of the query, or words that begin so."""
    starts = [re.compile(rf"\b{re.escape(word)}") for word in query.casefold().split()]
    return lambda title: all(start.search(title.casefold()) for start in starts)


def _forms(title: str) -> tuple[str, str]:
    return "".join(title.split()), " ".join(sorted(title.split()))


def _close(key: str, titles: Iterable[str], alike: float) -> list[str]:
    """Return those of `titles` that are spelt nearly as `key` is in one of its forms."""
    known = list(titles)
    near = (difflib.get_close_matches(form, known, _NEAR, alike) for form in _forms(key) if form)
    return list(dict.fromkeys(chain.from_iterable(near)))


def one_text(text: str | Texts | None) -> str | None:
    """Return `text` if it is a single one, "" for a missing value, None for several texts."""
    if isinstance(text, str):
        return text
    return "" if is_missing(text) else None


def listed(texts: str | Texts | None) -> list[str]:
    """Return `texts` as a list of strings; TypeError for anything that is not several texts."""
    # A table (a DataFrame, an array of two dimensions) is no list of texts.
    if not isinstance(texts, list | tuple) and getattr(texts, "ndim", None) != 1:
        found = "one text" if isinstance(texts, str) else type(texts).__name__
        raise TypeError(f"expected a list, a tuple, an array or a Series of texts, found {found}")
    return [_text(value, i) for i, value in enumerate(texts)]  # type: ignore[arg-type]


def is_missing(value: Any) -> bool:
    """Whether `value` stands for nothing: None, NaN, or NA and NaT of pandas."""
    if isinstance(value, float | np.floating):
        return math.isnan(value)
    # Recognised by name, so that pandas need not be imported.
    return value is None or type(value).__name__ in ("NAType", "NaTType")


def _names(given: Sequence[str]) -> list[str]:
    """Return the names in a list, a Series or an array, without missing values."""
    return [name for name in given if not is_missing(name)]


def _text(value: Any, i: int) -> str:
    if isinstance(value, str):
        return value
    if is_missing(value):
        return ""
    raise TypeError(
        f"expected a text at position {i}, found {str(value)[:60]!r} ({type(value).__name__})"
    )
