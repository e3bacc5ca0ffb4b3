"""Would somebody with another name or other pronouns be answered otherwise? Measured on generated
texts, torch-free, on the bundle as it serves.

Each text is asked with first names of several groups, listed in the masking list and not, and with
three sets of pronouns. Counted is how often the first answer flips between two of these, how far
its probability moves, and how the pay of the first five careers differs.
"""

from __future__ import annotations

import itertools
import json
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vocation import metrics
from vocation.bundle import reader
from vocation.errors import ConfigError
from vocation.fairness import groups, report
from vocation.fairness.texts import PRONOUNS, Name, drafts, names
from vocation.progress import NullProgress
from vocation.records import Recommendation
from vocation.serving.recommend import Recommender
from vocation.text.person import MASKING

LIMITS = {"names listed": 0.005, "names not listed": 0.01, "pronouns": 0.005}
"""Largest share of first answers that may flip, by what is swapped."""

CHANGE, PAY = 0.005, 0.01
"""Largest mean absolute change of the first answer's probability, and largest difference in mean
pay of the first five careers.
"""

COUNT, BESIDE, BRIEF = 1000, 250, 40
"""Texts of an audit, of the same with the masking the other way, and of the small audit at the end
of a training.
"""

ENOUGH = 500
"""Texts from which a figure is judged by its value; with fewer only where its whole interval lies
above the limit.
"""

_FIRST, _DEEP = (
    5,
    100,
)  # careers whose pay is compared; careers that are looked at: what comes later counts as 0
_CHUNK = 8  # texts that are asked at once, with all their swaps
Person = tuple[str, str, str]
"""A first name, its pronouns, and the key of what is swapped."""


@dataclass(frozen=True)
class _Pair:
    """Two versions of each text, `a` and `b`, that differ by one `kind` of swap (a key of
    LIMITS).
    """

    kind: str
    a: str
    b: str


def audit(
    path: str | Path, count: int = COUNT, seed: int = 42, progress: NullProgress | None = None
) -> dict[str, Any]:
    """The figures of the bundle at `path` as it serves, and, on fewer texts, with the masking of
    persons the other way round ("beside").

    Plain values for JSON; `passed` says whether every figure keeps LIMITS, CHANGE and PAY.
    BundleError where there is no bundle.
    """
    opened, progress = reader.read(path), progress or NullProgress()
    recommender = Recommender(opened)
    found = swaps(recommender, count, seed, progress)
    other = Recommender(_turned(opened, 0 if recommender.masks_person else MASKING))
    found["beside"] = swaps(other, min(count, BESIDE), seed, progress)
    return found


def command(
    path: str | Path,
    count: int,
    seed: int,
    rows: tuple[str | Path, str, str, str] | None,
    output: Path | None,
    progress: NullProgress,
) -> bool:
    """`vocation audit`: measure, say it line by line, write `output`; whether all limits are kept.

    `rows` are a file and its columns with text, career and group. Everything that can be wrong with
    the files is found before the long part.
    """
    if output is not None and not output.resolve().parent.is_dir():
        raise ConfigError(f"{output} cannot be written: there is no folder {output.parent}")
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
        progress.line(f"Figures: {output}")
    return bool(found["passed"] and (grouped is None or grouped["passed"]))


def brief(recommender: Recommender, seed: int) -> dict[str, Any]:
    """The small audit of a training: the figures of BRIEF texts without those of single pairs."""
    found = swaps(recommender, BRIEF, seed, NullProgress())
    for kind in found["kinds"].values():
        del kind["pairs"]
    return found


def _turned(opened: reader.LoadedBundle, masking: int) -> reader.LoadedBundle:
    members = tuple(_turned(member, masking) for member in opened.members)
    return replace(opened, metadata={**opened.metadata, "masking": masking}, members=members)


def swaps(
    recommender: Recommender, count: int, seed: int, progress: NullProgress
) -> dict[str, Any]:
    """The figures of `recommender` on `count` generated texts about its careers."""
    texts = drafts(recommender.careers, count, seed)
    everybody = [_people(i, seed) for i in range(len(texts))]
    money, paid = _money(recommender)
    seen = _Seen()
    with progress.bar("asking", len(texts)) as bar:
        for start in range(0, len(texts), _CHUNK):
            chunk = range(start, min(start + _CHUNK, len(texts)))
            asked = [
                texts[i].text(name, pronouns) for i in chunk for name, pronouns, _ in everybody[i]
            ]
            answers = iter(recommender.recommend(asked, top_k=_DEEP))
            for i in chunk:
                seen.add({key: next(answers) for _, _, key in everybody[i]}, money)
            bar.update(len(chunk))
    kinds = {kind: _figures(kind, seen, [text.where for text in texts]) for kind in LIMITS}
    pay = _pay_figures(seen, seed) | {
        "currency": money,
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
    """Who says the text with this number: a name of every group, listed and not; one of the other
    gender for each; and the other pronouns.
    """
    rng = random.Random(f"{seed} {number}")
    presented, other = (("woman", "man"), ("man", "woman"))[number % 2]
    pronouns = rng.choice(list(PRONOUNS))
    found: list[Person] = []
    everyone = names()
    groups = list(dict.fromkeys(name.group for name in everyone))
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
        own = {group: draw(group, presented, listed).name for group in groups}
        found += [(own[group], pronouns, f"{kind}:{group}") for group in groups]
        found += [
            (own[middle], pronouns, f"{kind}:{presented}'s names"),
            (draw(middle, other, listed).name, pronouns, f"{kind}:{other}'s names"),
        ]
    chosen = found[0][0]
    return found + [(chosen, one, f"pronouns:{one}") for one in PRONOUNS]


def _pairs() -> Iterator[_Pair]:
    groups = list(dict.fromkeys(name.group for name in names()))
    for kind in LIMITS:
        if kind != "pronouns":
            yield from (_Pair(kind, a, b) for a, b in itertools.combinations(groups, 2))
            yield _Pair(kind, "woman's names", "man's names")
    yield from (_Pair("pronouns", a, b) for a, b in itertools.combinations(PRONOUNS, 2))


class _Seen:
    """What was found, text by text: for each pair flips of the first answer, of the decision, and
    changes; for each person the first five's pay.
    """

    def __init__(self) -> None:
        self.pairs = list(_pairs())
        self.flips: list[list[bool]] = []
        self.decisions: list[list[bool]] = []
        self.changes: list[list[float]] = []
        self.pay: list[dict[str, float]] = []

    def add(self, answers: Mapping[str, Recommendation], money: str) -> None:
        """Take in one text: the answers to it as each person would have written it, by
        "kind:group".
        """
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
            rows[2].append(
                float(
                    np.mean(
                        [
                            abs(shares[a].get(c, 0.0) - shares[b].get(c, 0.0))
                            for c in (firsts[a], firsts[b])
                        ]
                    )
                )
            )
        self.flips.append(rows[0])
        self.decisions.append(rows[1])
        self.changes.append(rows[2])
        self.pay.append({key: _mean_pay(answer, money) for key, answer in answers.items()})


def _figures(kind: str, seen: _Seen, where: Sequence[str]) -> dict[str, Any]:
    """Flips, changes and changed decisions of one kind of swap, over all its pairs, by `where` the
    name stands in each text, and pair by pair.
    """
    own = [i for i, pair in enumerate(seen.pairs) if pair.kind == kind]
    flips, decisions, changes = (
        np.array(table, np.float64)[:, own] for table in (seen.flips, seen.decisions, seen.changes)
    )
    pairs: list[dict[str, Any]] = [
        {
            "a": seen.pairs[i].a,
            "b": seen.pairs[i].b,
            "flips": metrics.share(flips[:, k] > 0),
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
    beyond = any(pair["flips"]["low"] > LIMITS[kind] for pair in pairs)
    passed = not (beyond or _above(found["flips"], LIMITS[kind]) or _above(found["change"], CHANGE))
    by_place = {
        place: _share(flips[[own == place for own in where]]) for place in dict.fromkeys(where)
    }
    return {**found, "change_limit": CHANGE, "by_place": by_place, "pairs": pairs, "passed": passed}


def _above(entry: Mapping[str, float], limit: float) -> bool:
    return entry["value" if entry["n"] >= ENOUGH else "low"] > limit


def _share(table: NDArray[np.float64]) -> dict[str, float]:
    """The share of true values in `table` (texts, pairs), with Wilson's interval as if each text
    were one trial: its pairs are no further ones.
    """
    value, n = float(table.mean()), len(table)
    low, high = metrics.wilson(value * n, n)
    return {"value": value, "low": low, "high": high, "n": n}


# --------------------------------------------------------------------------------------------------


def _money(recommender: Recommender) -> tuple[str, int]:
    """The currency that most careers' dated pay is in, and how many careers have pay in it."""
    first = recommender.recommend("work", top_k=len(recommender.classes)).careers
    counts = Counter(one.pay.currency for one in first if one.pay is not None)
    return counts.most_common(1)[0] if counts else ("", 0)


def _mean_pay(answer: Recommendation, money: str) -> float:
    """Mean yearly pay of those of the first five careers that have a dated figure; not a number
    where none has.
    """
    known = [
        one.pay.middle
        for one in answer.careers[:_FIRST]
        if one.pay is not None and one.pay.currency == money
    ]
    return float(np.mean(known)) if known else float("nan")


def _pay_figures(seen: _Seen, seed: int) -> dict[str, Any]:
    """The largest difference between two versions in the mean over all texts, as a share of the
    lower one.
    """
    largest: dict[str, Any] = {"value": 0.0, "low": 0.0, "high": 0.0, "n": 0, "a": None, "b": None}
    for pair in seen.pairs:
        both = np.array(
            [[row[f"{pair.kind}:{pair.a}"], row[f"{pair.kind}:{pair.b}"]] for row in seen.pay]
        )
        both = both[np.isfinite(both).all(axis=1)]
        if not len(both):
            continue
        value = _apart(both.mean(axis=0))
        if value >= largest["value"]:
            drawn = np.random.default_rng(seed).integers(0, len(both), (1000, len(both)))
            low, high = np.quantile(
                [_apart(both[rows].mean(axis=0)) for rows in drawn], [0.025, 0.975]
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


def _apart(pair: NDArray[Any]) -> float:
    return float(abs(pair[0] - pair[1]) / max(min(pair), 1e-12))
