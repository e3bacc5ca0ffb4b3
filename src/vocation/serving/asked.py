"""What a recommender is asked: the texts, and the careers that may be named."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from vocation.records import Career
from vocation.text.clean import label_key


class _Array(Protocol):
    """A numpy array, a pandas Series, or what else can be made an array of."""

    def __array__(self, *args: Any, **kwargs: Any) -> NDArray[Any]: ...


_NEAR, _ALIKE = 5, 0.7  # titles that are nearly what was asked for, and how much alike they are

Texts = list[Any] | tuple[Any, ...] | _Array
"""Several texts, one after the other; None and NaN among them are empty texts."""


def choose(
    careers: Sequence[Career], exclude: Sequence[str] = (), only: Sequence[str] | None = None
) -> NDArray[np.bool_]:
    """Return which careers are left (careers,): of `only` (None: all) those not in `exclude`.

    Case, blanks and hyphens do not count. Raises ValueError for an unknown name, with the nearest
    ones, and if none is left.
    """
    # An empty text is refused below: it is no list of names.
    if only is None and not isinstance(exclude, str) and not len(exclude):
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


def find(careers: Sequence[Career], query: str) -> list[Career]:
    """Return the careers whose name, other title or family fits `query`, the best first.

    An equal title comes first, then the family of that name, then those with the words of the query
    or their beginnings: names before other titles, these before families. Where nothing fits as
    it is, those that are spelt nearly so.
    """
    key = label_key(query)
    # Each title once, of the first career that has it; the careers' own names go before.
    titles = {label_key(one.name): i for i, one in enumerate(careers)}
    for i, career in enumerate(careers):
        for alias in career.aliases:
            titles.setdefault(label_key(alias), i)
    starts = [re.compile(rf"\b{re.escape(word)}") for word in query.casefold().split()]
    families = [one.facts.family if one.facts else "" for one in careers]
    texts = ([(one.name,) for one in careers], [one.aliases for one in careers], zip(families))
    worded = [
        i
        for kind in texts
        for i, own in enumerate(kind)
        if any(all(start.search(text.casefold()) for start in starts) for text in own)
    ]
    kin = {label_key(family): family for family in families if family}
    whole = [i for i, family in enumerate(families) if family == kin.get(key)]
    order = ([titles[key]] if key in titles else []) + whole + (worded if key else [])
    if key and not order:  # a slip of the pen is only looked for where nothing fits as it is
        # Neither the order of words counts nor a blank: "desinger, graphic", "hair dresser".
        forms = {form: i for title, i in titles.items() for form in _forms(title)}
        order = [forms[form] for form in _nearest(key, forms)]
        order += [
            i
            for name in _nearest(key, kin)
            for i, family in enumerate(families)
            if family == kin[name]
        ]
    return [careers[i] for i in dict.fromkeys(order)]


def _forms(title: str) -> tuple[str, str]:
    return "".join(title.split()), " ".join(sorted(title.split()))


def _nearest(key: str, titles: Iterable[str]) -> list[str]:
    """Return those of `titles` that are spelt nearly as `key` is in one of its forms."""
    known = list(titles)
    near = (difflib.get_close_matches(form, known, _NEAR, _ALIKE) for form in _forms(key))
    return list(dict.fromkeys(chain.from_iterable(near)))


def listed(texts: Texts) -> list[str]:
    """Return `texts` as a list of strings; TypeError for anything that is not several texts."""
    # A table (a DataFrame, an array of two dimensions) is no list of texts.
    if not isinstance(texts, list | tuple) and getattr(texts, "ndim", None) != 1:
        found = "one text" if isinstance(texts, str) else type(texts).__name__
        raise TypeError(f"expected a list, a tuple, an array or a Series of texts, found {found}")
    return [_text(value, i) for i, value in enumerate(texts)]  # type: ignore[arg-type]


def _text(value: Any, i: int) -> str:
    if isinstance(value, str):
        return value
    # Recognised by name, so that pandas need not be installed.
    missing = isinstance(value, float | np.floating) and math.isnan(value)
    if value is None or missing or type(value).__name__ in ("NAType", "NaTType"):  # of pandas
        return ""
    raise TypeError(
        f"expected a text at position {i}, found {str(value)[:60]!r} ({type(value).__name__})"
    )
