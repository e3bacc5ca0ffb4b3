"""What the owner of the page decides: the file `site.toml` beside the bundle or in the working
directory. Everything in it is optional.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from vocation.errors import DataError

FILE = "site.toml"
_LONGEST = 300  # characters of a contact: a name, a number and when somebody answers
_MOST = 50  # links of a career, examples, contacts
_MOST_DAYS = 3_650  # that feedback is kept
_LANGUAGES = ("en", "es")
PERIODS = ("year", "month", "week", "day", "hour")


@dataclass(frozen=True)
class LocalPay:
    """What a career pays where the page is used: `low` to `high` (equal for one figure) in
    `currency` a `period`, one of PERIODS; `source` and `date` say who found it, and when.
    """

    low: float
    high: float
    currency: str
    period: str
    source: str
    date: str


@dataclass(frozen=True)
class Feedback:
    """Whether seekers can say that a career fits, and what is kept of it: nothing without
    `collect`.

    With `texts` a seeker is asked whether their text may be kept with what they said, but not where
    they may be `under_13`. Rows are kept for `keep_days` (1 to 3,650); the text of a row that the
    owner has reviewed only with `keep_reviewed`.
    """

    collect: bool = False
    texts: bool = False
    keep_days: int = 180
    under_13: bool = False
    keep_reviewed: bool = False

    @property
    def asks_for_texts(self) -> bool:
        """Whether there is a box to agree that a text is kept."""
        return self.collect and self.texts and not self.under_13


@dataclass(frozen=True)
class Site:
    """The owner's settings, "" and () where nothing is said.

    `name` stands at the top, `title` above the box; `logo` is a picture's file. `language` is that
    of the page where a visitor chose none; `spelling` "american" or "british"; `colour` is that of
    buttons and links as "#0b5c63". `examples` are texts to try, `contacts` where people in need
    find somebody, `links` pairs of label and address by career ("all" for all careers), `pay` what
    careers pay here, `feedback` about what seekers say.
    """

    name: str = ""
    title: str = ""
    logo: str = ""
    language: str = ""
    spelling: str = ""
    colour: str = ""
    examples: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()
    links: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    pay: Mapping[str, LocalPay] = field(default_factory=dict)
    feedback: Feedback = Feedback()


def file_of(bundle: Path) -> Path:
    """The file that counts for the page with this bundle, or would if it were there."""
    places = [folder / FILE for folder in (bundle.resolve().parent, Path.cwd())]
    return next((path for path in places if path.is_file()), places[0])


def read(bundle: Path) -> Site:
    """The settings for the page with this bundle. Raises DataError with one sentence if the file
    says something else than it may.
    """
    file = file_of(bundle)
    if not file.is_file():
        return Site()
    try:
        settings = tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:  # a TOMLDecodeError is a ValueError
        raise DataError(f"{file} cannot be read as TOML ({error}): correct or remove it") from None
    return checked(file, settings)


def checked(file: Path, settings: Mapping[str, Any]) -> Site:
    """The settings that `file` holds, or shall hold. Raises DataError as `read` does."""
    page, helped = _table(file, settings, "page"), _table(file, settings, "help")
    links, feedback = _table(file, settings, "links"), _table(file, settings, "feedback")
    pay = _table(file, settings, "pay")
    for part, known in (
        (settings, ("page", "help", "links", "pay", "feedback")),
        (page, ("name", "title", "logo", "language", "spelling", "colour", "examples")),
        (helped, ("contacts",)),
        (feedback, tuple(entry.name for entry in fields(Feedback))),
    ):
        if unknown := set(part) - set(known):
            raise DataError(
                f"{file}: {min(unknown)!r} is not known here, expected {', '.join(known)}"
            )
    text = {
        name: _one(file, page, name, kind)
        for name, kind in (
            ("name", _is_text),
            ("title", _is_text),
            ("logo", _is_text),
            ("language", _LANGUAGES.__contains__),
            ("spelling", ("american", "british").__contains__),
            ("colour", re.compile("#[0-9a-fA-F]{6}").fullmatch),
        )
    }
    logo = text["logo"] and str(file.parent / text["logo"])
    if logo and not Path(logo).is_file():
        raise DataError(f"{file}: logo names {text['logo']!r}, which is not there")
    return Site(
        **(text | {"logo": logo}),
        examples=_texts(file, page, "page", "examples", 1_000),
        contacts=_texts(file, helped, "help", "contacts", _LONGEST),
        links={career: _links(file, career, pairs) for career, pairs in links.items()},
        pay={career: _pay(file, career, said) for career, said in pay.items()},
        feedback=_feedback(file, feedback),
    )


def _feedback(file: Path, part: Mapping[str, Any]) -> Feedback:
    for name, value in part.items():
        if name == "keep_days":
            # True is an int for Python.
            fits = type(value) is int and 1 <= value <= _MOST_DAYS
            expected = f"a whole number of days from 1 to {_MOST_DAYS:,}"
        else:
            fits, expected = isinstance(value, bool), "true or false"
        if not fits:
            raise DataError(
                f"{file}: [feedback] {name}: expected {expected}, found {str(value)[:40]!r}"
            )
    return Feedback(**part)


def _table(file: Path, settings: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = settings.get(name, {})
    if not isinstance(found, dict):
        raise DataError(f"{file}: expected [{name}] as a part of its own, found {name} = ...")
    return found


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value.strip()) <= _LONGEST


def _one(file: Path, page: Mapping[str, Any], name: str, fits: Callable[[str], object]) -> str:
    value = page.get(name, "")
    if name in page and not (isinstance(value, str) and fits(value)):
        what = {
            "language": f"one of {', '.join(_LANGUAGES)}",
            "spelling": "american or british",
            "colour": "a colour such as #0b5c63",
        }.get(name, f"a text of 1 to {_LONGEST} characters")
        raise DataError(f"{file}: [page] {name}: expected {what}, found {str(value)[:40]!r}")
    return str(value)


def _texts(
    file: Path, part: Mapping[str, Any], section: str, name: str, longest: int
) -> tuple[str, ...]:
    listed = part.get(name, [])
    if (
        not isinstance(listed, list)
        or len(listed) > _MOST
        or not all(isinstance(one, str) and 0 < len(one.strip()) <= longest for one in listed)
    ):
        raise DataError(
            f'{file}: expected [{section}] with {name} = ["..."], texts of 1 to {longest}'
            " characters"
        )
    return tuple(listed)


def _links(file: Path, career: str, pairs: Any) -> tuple[tuple[str, str], ...]:
    """The owner's links of a career: {"Open day" = "https://..."}, web addresses alone."""
    if not isinstance(pairs, dict) or not all(
        _is_text(label)
        and isinstance(address, str)
        and address.startswith(("https://", "http://"))
        and len(address) <= 2_000
        for label, address in pairs.items()
    ):
        raise DataError(
            f'{file}: [links] {career!r}: expected "label" = "https://...", a web address for each'
        )
    return tuple(pairs.items())[:_MOST]


def _pay(file: Path, career: str, said: Any) -> LocalPay:
    """What the owner says that a career pays."""
    found = dict(said) if isinstance(said, dict) else {}
    texts = [found.get(name) for name in ("currency", "source", "date")]
    low, high = (found.get(name, 0) for name in ("low", "high"))
    if (
        set(found) != {one.name for one in fields(LocalPay)}
        or not all(map(_is_text, texts))
        or found["period"] not in PERIODS
        or not all(type(one) in (int, float) for one in (low, high))
        or not 0 < low <= high < 10**12
    ):
        raise DataError(
            f"{file}: [pay] {career!r}: expected low and high (numbers, low first), currency,"
            f" period (one of {', '.join(PERIODS)}), source and date"
        )
    return LocalPay(**found)
