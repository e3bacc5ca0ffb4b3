"""Counterfactual fairness: generated texts with swapped names, pronouns and facts, on a bundle.

Each text is asked with first names of several groups, in the masking list and not, with three sets
of pronouns, and with one more sentence about age, nationality, religion, disability or children.
Measured are how often the first answer flips between two versions, how far its
probability moves, and how the pay of the first five careers differs.
"""

from __future__ import annotations

import itertools
import json
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vocation import metrics
from vocation.bundle import reader
from vocation.errors import ConfigError
from vocation.fairness import groups, report
from vocation.fairness.texts import FACTS, PRONOUNS, Name, drafts, names
from vocation.progress import NullProgress
from vocation.records import Recommendation
from vocation.serving.recommend import Recommender
from vocation.text.person import MASKING

LIMITS = {
    "names listed": 0.005,
    "names not listed": 0.01,
    "pronouns": 0.005,
    **dict.fromkeys(FACTS, 0.005),
}
"""Largest share of first answers that may flip, for each kind of swap."""

CHANGE, PAY = 0.005, 0.01
"""Largest mean absolute change of the first answer's probability, and largest difference in mean
pay of the first five careers.
"""

COUNT, OTHER_COUNT, BRIEF = 1000, 250, 40
"""Texts of an audit, of its part with the other masking, and of the audit after a training."""

ENOUGH = 500
"""Texts from which a result is judged by its value; with fewer, by its interval's lower end."""

_FIRST = 5  # careers whose pay is compared
_DEEP = 100  # careers whose probability is read: of those that come later it counts as 0
_CHUNK = 8  # texts that are asked at once, with all their versions


class Person(NamedTuple):
    """A first name, its pronouns, the key of what is swapped, and a fact that is told, if any."""

    name: str
    pronouns: str
    key: str
    fact: tuple[str, str] | None = None


@dataclass(frozen=True)
class _Pair:
    """Two versions, `a` and `b`, of a text; they differ by one `kind` of swap (a key of LIMITS)."""

    kind: str
    a: str
    b: str


def audit(
    path: str | Path, count: int = COUNT, seed: int = 42, progress: NullProgress | None = None
) -> dict[str, Any]:
    """Audit the bundle at `path` on `count` texts, and with the other masking on fewer.

    Returns plain values for JSON: "other_masking" holds the results with the masking of persons
    turned off (or on, where the bundle has none); "passed" says whether every result keeps LIMITS,
    CHANGE and PAY. Raises BundleError where there is no bundle.
    """
    opened, progress = reader.read(path), progress or NullProgress()
    recommender = Recommender(opened)
    found = swaps(recommender, count, seed, progress)
    # The same weights, read with or without masking: only that step differs.
    other = Recommender(_with_masking(opened, 0 if recommender.masks_person else MASKING))
    found["other_masking"] = swaps(other, min(count, OTHER_COUNT), seed, progress)
    return found


def command(
    path: str | Path,
    count: int,
    seed: int,
    rows: tuple[str | Path, str, str, str] | None,
    output: Path | None,
    progress: NullProgress,
) -> bool:
    """`vocation fairness`: measure, print, write `output`; True if all limits are kept.

    `rows` are a file and its columns with text, career and group. The files are checked first,
    before the long part.
    """
    if output is not None and not output.resolve().parent.is_dir():
        raise ConfigError(f"{output} cannot be written: there is no folder {output.parent}")
    # The file's mistakes show up here, before the many texts are asked.
    grouped = groups.judge(Recommender.load(path), *rows, progress) if rows else None
    found = audit(path, count, seed, progress)
    for line in report.lines(found):
        progress.line(line)
    if grouped:
        found["groups"] = grouped
        for line in report.group_lines(grouped):
            progress.line(line)
    progress.line(report.verdict(found))
    if output is not None:
        try:
            output.write_text(json.dumps(found, ensure_ascii=False, indent=1), encoding="utf-8")
        except OSError as error:
            raise ConfigError(f"{output} cannot be written ({error.strerror})") from None
        progress.line(f"Results: {output}")
    return bool(found["passed"] and (grouped is None or grouped["passed"]))


def brief(recommender: Recommender, seed: int) -> dict[str, Any]:
    """The small audit after a training: BRIEF texts, without the results of single pairs."""
    found = swaps(recommender, BRIEF, seed, NullProgress())
    for kind in found["kinds"].values():
        # So few texts say little about a single pair.
        del kind["pairs"]
    return found


def _with_masking(opened: reader.LoadedBundle, masking: int) -> reader.LoadedBundle:
    # The members of an ensemble have metadata of their own.
    members = tuple(_with_masking(member, masking) for member in opened.members)
    return replace(opened, metadata={**opened.metadata, "masking": masking}, members=members)


def swaps(
    recommender: Recommender, count: int, seed: int, progress: NullProgress
) -> dict[str, Any]:
    """The results of `recommender` on `count` generated texts about its careers."""
    texts = drafts(recommender.careers, count, seed)
    everybody = [_people(i, seed) for i in range(len(texts))]
    currency, paid = _currency(recommender)
    tally = _Tally()
    with progress.bar("asking", len(texts)) as bar:
        for start in range(0, len(texts), _CHUNK):
            chunk = range(start, min(start + _CHUNK, len(texts)))
            asked = [
                texts[i].text(one.name, one.pronouns, one.fact)
                for i in chunk
                for one in everybody[i]
            ]
            # Read off below in the order in which the versions were asked.
            answers = iter(recommender.recommend(asked, top_k=_DEEP, care=False))
            for i in chunk:
                tally.add({one.key: next(answers) for one in everybody[i]}, currency)
            bar.update(len(chunk))
    kinds = {kind: _results(kind, tally, [text.where for text in texts]) for kind in LIMITS}
    pay = _pay_results(tally, seed) | {
        "currency": currency,
        "careers_left_out": len(recommender.classes) - paid,
        "limit": PAY,
    }
    passed = all(kind["passed"] for kind in kinds.values()) and pay["passed"]
    where = Counter(text.where for text in texts)
    held = Counter((name.group, name.listed) for name in names())
    return {
        "texts": len(texts),
        "names_stand": dict(where),
        "names": {
            group: {"listed": held[group, True], "not listed": held[group, False]}
            for group, _ in held
        },
        "enough": ENOUGH,
        "seed": seed,
        "masking": MASKING if recommender.masks_person else 0,
        "kinds": kinds,
        "pay": pay,
        "passed": passed,
    }


def _people(number: int, seed: int) -> list[Person]:
    """Who the text with this number is asked for: a name of every group, listed and not; a name of
    the other gender; the other pronouns; and who tells one more fact.
    """
    # Own random numbers for each text: its people do not depend on how many texts there are.
    rng = random.Random(f"{seed} {number}")
    presented, other = (("woman", "man"), ("man", "woman"))[number % 2]
    pronouns = rng.choice(list(PRONOUNS))
    found: list[Person] = []
    everyone = names()
    groups = list(dict.fromkeys(name.group for name in everyone))
    # The groups take turns in the comparison of women's and men's names.
    middle = groups[number % len(groups)]

    def draw(group: str, gender: str, listed: bool) -> Name:
        return rng.choice(
            [
                name
                for name in everyone
                if (name.group, name.presented, name.listed) == (group, gender, listed)
            ]
        )

    for kind, listed in (("names listed", True), ("names not listed", False)):
        # One gender in all groups, so that a pair differs by its group alone.
        own = {group: draw(group, presented, listed).name for group in groups}
        found += [Person(own[group], pronouns, f"{kind}:{group}") for group in groups]
        found += [
            Person(own[middle], pronouns, f"{kind}:{presented}'s names"),
            Person(draw(middle, other, listed).name, pronouns, f"{kind}:{other}'s names"),
        ]
    # One name for all sets of pronouns, so that only these differ.
    chosen = found[0].name
    found += [Person(chosen, one, f"pronouns:{one}") for one in PRONOUNS]
    return found + [
        Person(chosen, pronouns, f"{kind}:{group}", (kind, group))
        for kind, said in FACTS.items()
        for group in said
    ]


def _pairs() -> Iterator[_Pair]:
    groups = list(dict.fromkeys(name.group for name in names()))
    for kind in LIMITS:
        swapped = FACTS.get(kind) or (PRONOUNS if kind == "pronouns" else groups)
        yield from (_Pair(kind, a, b) for a, b in itertools.combinations(swapped, 2))
        if kind.startswith("names"):
            # Both names are from one group, see `_people`.
            yield _Pair(kind, "woman's names", "man's names")


class _Tally:
    """Results text by text: flips of the first answer and of the decision, and changes of the
    probability, for each pair; mean pay of the first five careers for each person.
    """

    def __init__(self) -> None:
        self.pairs = list(_pairs())
        self.flips: list[list[bool]] = []
        self.decisions: list[list[bool]] = []
        self.changes: list[list[float]] = []
        self.pay: list[dict[str, float]] = []

    def add(self, answers: Mapping[str, Recommendation], currency: str) -> None:
        """Add one text: the answers to its versions, by "kind:group"."""
        shares = {
            key: {one.career: one.confidence for one in answer.careers}
            for key, answer in answers.items()
        }
        firsts = {key: answer.careers[0].career for key, answer in answers.items()}
        rows: tuple[list[bool], list[bool], list[float]] = ([], [], [])
        for pair in self.pairs:
            a, b = f"{pair.kind}:{pair.a}", f"{pair.kind}:{pair.b}"
            rows[0].append(firsts[a] != firsts[b])
            rows[1].append(answers[a].decision != answers[b].decision)
            moved = [
                abs(shares[a].get(career, 0.0) - shares[b].get(career, 0.0))
                # Where the first answer flips, both careers count: neither version is right.
                for career in (firsts[a], firsts[b])
            ]
            rows[2].append(float(np.mean(moved)))
        self.flips.append(rows[0])
        self.decisions.append(rows[1])
        self.changes.append(rows[2])
        self.pay.append({key: _mean_pay(answer, currency) for key, answer in answers.items()})


def _results(kind: str, tally: _Tally, where: Sequence[str]) -> dict[str, Any]:
    """Flips, changes and changed decisions of one kind of swap: over all its pairs, by `where` the
    name is in each text, and pair by pair.
    """
    own = [i for i, pair in enumerate(tally.pairs) if pair.kind == kind]
    flips, decisions, changes = (
        # (texts, pairs of this kind), in the order of `tally.pairs`.
        np.array(table, np.float64)[:, own]
        for table in (tally.flips, tally.decisions, tally.changes)
    )
    pairs: list[dict[str, Any]] = [
        {
            "a": tally.pairs[i].a,
            "b": tally.pairs[i].b,
            "flips": metrics.share(flips[:, k] > 0),
            # The seed of the bootstrap is fixed: the result depends on the answers alone.
            "change": metrics.mean(changes[:, k], 0),
        }
        for k, i in enumerate(own)
    ]
    found: dict[str, Any] = {
        "flips": _share(flips),
        "change": metrics.mean(changes.mean(axis=1), 0),
        "decisions": _share(decisions),
        "limit": LIMITS[kind],
    }
    # Of 28 pairs some exceed the limit by chance: a single pair counts by its interval.
    beyond = any(pair["flips"]["low"] > LIMITS[kind] for pair in pairs)
    passed = not (beyond or _above(found["flips"], LIMITS[kind]) or _above(found["change"], CHANGE))
    by_place = {
        place: _share(flips[[own == place for own in where]]) for place in dict.fromkeys(where)
    }
    return {**found, "change_limit": CHANGE, "by_place": by_place, "pairs": pairs, "passed": passed}


def _above(entry: Mapping[str, float], limit: float) -> bool:
    return entry["value" if entry["n"] >= ENOUGH else "low"] > limit


def _share(table: NDArray[np.float64]) -> dict[str, float]:
    """The share of true values in `table` (texts, pairs), with Wilson's interval.

    Each text counts as one trial: its pairs are not independent.
    """
    value, n = float(table.mean()), len(table)
    low, high = metrics.wilson(value * n, n)
    return {"value": value, "low": low, "high": high, "n": n}


# --------------------------------------------------------------------------------------------------


def _currency(recommender: Recommender) -> tuple[str, int]:
    """The most frequent currency of the careers' dated pay, and how many careers have pay in it."""
    # Any text does: every career comes back with its pay, in some order.
    first = recommender.recommend("work", top_k=len(recommender.classes)).careers
    counts = Counter(one.pay.currency for one in first if one.pay is not None)
    return counts.most_common(1)[0] if counts else ("", 0)


def _mean_pay(answer: Recommendation, currency: str) -> float:
    """Mean yearly pay of those of the first five careers with dated pay; NaN where none has."""
    known = [
        one.pay.middle
        for one in answer.careers[:_FIRST]
        if one.pay is not None and one.pay.currency == currency
    ]
    # NaN, because 0 would count as the lowest pay.
    return float(np.mean(known)) if known else float("nan")


def _pay_results(tally: _Tally, seed: int) -> dict[str, Any]:
    """The largest relative difference in mean pay between two versions, with an interval."""
    largest: dict[str, Any] = {"value": 0.0, "low": 0.0, "high": 0.0, "n": 0, "a": None, "b": None}
    for pair in tally.pairs:
        both = np.array(
            [[row[f"{pair.kind}:{pair.a}"], row[f"{pair.kind}:{pair.b}"]] for row in tally.pay]
        )
        # A text counts only where both versions have pay.
        both = both[np.isfinite(both).all(axis=1)]
        if not len(both):
            continue
        value = _relative_difference(both.mean(axis=0))
        if value >= largest["value"]:
            # (1000, texts): whole texts are drawn, so that the two versions of one stay together.
            drawn = np.random.default_rng(seed).integers(0, len(both), (1000, len(both)))
            low, high = np.quantile(
                [_relative_difference(both[rows].mean(axis=0)) for rows in drawn], [0.025, 0.975]
            )
            largest = {
                "value": value,
                "low": float(low),
                "high": float(high),
                "n": len(both),
                "a": f"{pair.a}",
                "b": f"{pair.b}",
                "kind": pair.kind,
            }
    return largest | {"passed": not _above(largest, PAY)}


def _relative_difference(pair: NDArray[Any]) -> float:
    # Relative to the lower pay: this gives the larger of the two possible shares.
    return float(abs(pair[0] - pair[1]) / max(min(pair), 1e-12))
