"""Skills and pay: learned and evaluated on the features of the finished career model.

They change nothing about the answers on careers.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vocation.bundle import tasks
from vocation.data import pay
from vocation.data.dataset import Dataset
from vocation.data.split import Split
from vocation.text.clean import clean, mask_role
from vocation.text.skill_lists import split_skills
from vocation.text.skills import Skills
from vocation.training import pay as salary

Floats = NDArray[np.floating[Any]]
Answer = Callable[[list[str]], Floats]

_LEAST_JUDGED = 20  # held-out rows that name a skill
# Rows: more add nothing to what is usual, and cost minutes.
_MOST_READ, _MOST_JUDGED = 20_000, 800
# Rows without any skill that are added to each career: one row out of one is no certainty.
_CAUTION = 2.0
_DRAWS = 1000


def judge(
    data: Dataset, parts: Split, features: Floats, answer: Answer, seed: int
) -> dict[str, Any]:
    """The metrics of both tasks on the held-out rows, as plain values for the metadata.

    `features` (n, features) are those of the rows by the measured model, `answer` returns its
    probabilities (texts, classes) of careers.
    """
    return {
        "skills": _judge_skills(data, parts, answer, seed),
        "pay": _judge_pay(data, parts, features, seed),
    }


def table(data: Dataset, features: Floats, figures: Mapping[str, Any], date: str) -> dict[str, Any]:
    """The content of tasks.json, learned from all rows; `date` is that of the training.

    A task whose `figures` show no gain is left empty.
    """
    collected = pay.collect(data.rows)
    rows = np.arange(len(data.rows))
    suggests = figures["skills"].get("better", False)
    # Suggestions are shipped only where they were better than the baseline.
    usual = (
        _usual(data, _shown(data, Skills(_names(data)), _every(rows, _MOST_READ)))
        if suggests
        else {}
    )
    estimator = None
    if figures["pay"].get("better", False):
        learnt = salary.usable(data, collected, rows)
        head = salary.fit(
            features[learnt],
            salary.log_middles(collected, learnt),
            data.labels[learnt],
            len(data.roles),
        )
        source = f"estimated from {len(learnt):,} job descriptions that this model was made from"
        numbers = {"offsets": head.offsets, "weights": head.weights, "bias": head.bias}
        estimator = {name: np.round(value, 7).tolist() for name, value in numbers.items()}
        estimator |= {"currency": collected.currency, "source": source, "date": date}
    own = {
        name: asdict(figure) for name, figure in pay.of_careers(collected, data.rows, date).items()
    }
    return {"pay": own, "usual_skills": usual, "estimator": estimator}


# --------------------------------------------------------------------------------------------------


def _judge_pay(data: Dataset, parts: Split, features: Floats, seed: int) -> dict[str, Any]:
    collected = pay.collect(data.rows)
    figures = salary.judge(data, collected, features, parts, seed) | {
        "careers_shown": len(pay.of_careers(collected, data.rows, "today"))
    }
    if "head" not in figures:
        figures["verdict"] = f"estimating pay from a job's text was not tried: {figures.pop('why')}"
    elif figures["better"]:
        figures["verdict"] = (
            "the text helps: Recommender.pay estimates a job's pay from its description; people are"
            " shown their career's own figure"
        )
    else:
        figures["verdict"] = (
            "the text is no better than the career alone, so nothing is estimated from texts"
        )
    return figures


# --------------------------------------------------------------------------------------------------


def _names(data: Dataset) -> list[str]:
    return [skill for role in data.roles for skill in data.careers[role].skills]


def _every(rows: NDArray[Any], most: int) -> list[int]:
    """At most `most` of the rows, evenly spread."""
    # -(-a // b) rounds up, so that never more than `most` are taken.
    return [int(i) for i in rows[:: max(1, -(-len(rows) // most))]]


def _shown(data: Dataset, skills: Skills, rows: Sequence[int]) -> dict[int, frozenset[str]]:
    """The skills of each of `rows`: the list of a skills row, else the skills its text names."""
    found = {}
    for i in rows:
        row = data.rows[i]
        listed = (
            {clean(skill) for skill in split_skills(row.cells["skills"])}
            if row.source == "skills"
            else None
        )
        found[i] = frozenset(skills.held(data.texts[i]) if listed is None else listed)
    return found


def _usual(data: Dataset, shown: Mapping[int, frozenset[str]]) -> dict[str, dict[str, float]]:
    """For each career the share of its rows with a skill, slightly underestimated."""
    sizes = Counter(int(data.labels[i]) for i in shown)
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    for i, skills in shown.items():
        counts[int(data.labels[i])].update(skills)
    return {
        data.roles[label]: {
            skill: round(times / (sizes[label] + _CAUTION), 4)
            for skill, times in sorted(counter.items())
        }
        for label, counter in sorted(counts.items())
    }


def _judge_skills(data: Dataset, parts: Split, answer: Answer, seed: int) -> dict[str, Any]:
    """Remove skill names from held-out rows, suggest skills for the rest, count those recovered.

    The baseline makes as many suggestions for each row, always the most frequent skills. A person
    may have a skill that the text does not name, so the true precision is higher than this one.
    """
    skills = Skills(_names(data))
    learnt = _shown(
        data, skills, _every(np.concatenate([parts.train, parts.validation]), _MOST_READ)
    )
    held = _every(
        # A skills row is a bare list: without the names nothing is left to suggest from.
        np.array([i for i in parts.test.tolist() if data.rows[i].source != "skills"], np.int64),
        _MOST_JUDGED,
    )
    truth = [frozenset(skills.held(data.texts[i])) for i in held]
    naming = [bool(found) for i, found in learnt.items() if data.rows[i].source != "skills"] + [
        bool(found) for found in truth
    ]
    figures: dict[str, Any] = {
        "names": len(skills.names),
        "rows_naming": float(np.mean(naming)) if naming else 0.0,
        "judged": len(held),
    }
    if sum(map(bool, truth)) < _LEAST_JUDGED:
        why = f"fewer than {_LEAST_JUDGED} held-out rows name a skill"
        return figures | {
            "better": False,
            "verdict": f"suggesting skills that a text does not name was not tried: {why}",
        }
    # Career names are masked as well, so that they give no hint.
    probabilities = answer(
        [mask_role(_without(data.texts[i], skills), data.roles[data.labels[i]]) for i in held]
    )
    usual = _usual(data, learnt)
    made = [tasks.suggest(row, data.roles, usual, ()) for row in probabilities]
    guesses = [frozenset(skill for skill, _ in pairs) for pairs in made]
    # Sorted, because the order of a frozenset of strings differs from run to run.
    frequent = [
        skill
        for skill, _ in Counter(
            skill for found in learnt.values() for skill in sorted(found)
        ).most_common(10)
    ]
    simple = [frozenset(frequent[: len(guess)]) for guess in guesses]
    # (draws, rows): the same draws for both, so that their difference is a paired one.
    draws = np.random.default_rng(seed).integers(0, len(held), (_DRAWS, len(held)))
    figures["suggested"], own = _scores(guesses, truth, draws)
    figures["frequent"], others = _scores(simple, truth, draws)
    stated = [share for pairs in made for _, share in pairs]
    # The mean probability that was reported with a suggestion.
    figures["suggested"]["stated"] = float(np.mean(stated)) if stated else 0.0
    # Better only if the whole 95 % interval of the difference is above 0.
    figures["better"] = bool(np.quantile(own - others, 0.025) > 0)
    ways = (
        "shown as suggestions only, never as skills held"
        if figures["better"]
        else "no better than the most frequent skills, so none are suggested"
    )
    figures["verdict"] = f"skills that a text does not name: {ways}"
    return figures


def _without(text: str, skills: Skills) -> str:
    """The cleaned text without any mention of a skill."""
    text = clean(text)
    kept = np.ones(len(text), bool)
    for mark in skills.mentions(text):
        kept[mark.start : mark.end] = False
    # A space for each removed letter, so that neighbours do not grow together.
    return clean("".join(letter if keep else " " for letter, keep in zip(text, kept, strict=True)))


def _scores(
    guessed: Sequence[frozenset[str]], truth: Sequence[frozenset[str]], draws: NDArray[Any]
) -> tuple[dict[str, Any], Floats]:
    """Precision, recall and F1 over all rows together, and F1 in each bootstrap draw."""
    # (rows, 3): right, suggested and true skills of each row.
    counts = np.array(
        [
            [len(guess & found), len(guess), len(found)]
            for guess, found in zip(guessed, truth, strict=True)
        ],
        np.float64,
    )

    def f1(sums: Floats) -> Floats:
        return np.asarray(2 * sums[..., 0] / np.maximum(sums[..., 1] + sums[..., 2], 1))

    right, made, real = counts.sum(axis=0)
    # counts[draws] is (draws, rows, 3); its sum over rows gives one F1 for each draw.
    drawn = f1(counts[draws].sum(axis=1))
    low, high = np.quantile(drawn, [0.025, 0.975])
    interval = {
        "value": float(f1(counts.sum(axis=0))),
        "low": float(low),
        "high": float(high),
        "n": len(truth),
    }
    return {
        "precision": float(right / max(made, 1)),
        "recall": float(right / max(real, 1)),
        "f1": interval,
        "made": int(made),
    }, drawn
