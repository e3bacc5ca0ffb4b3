"""The production checklist, measured on the zip that is shipped.

It has five lines: accuracy, size, latency, answers to diverse texts, written limits.
"""

from __future__ import annotations

import math
import statistics
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from vocation.bundle import layout, reader
from vocation.errors import BundleError
from vocation.format import measured
from vocation.records import Recommendation
from vocation.reports.card import GOOD_ACCURACY, unnamed_limits
from vocation.serving.recommend import Recommender
from vocation.text.clean import mask_role

SIZE_MB, LATENCY_MS = 150, 200
"""Limits: megabytes of the zip, and median milliseconds for a text."""

QUERIES = (
    "I spend my evenings programming small tools, and I like it when the tests turn green.",
    "Building web pages for my friends' bands is my hobby, with a lot of JavaScript.",
    "Give me a spreadsheet with a million rows and I will find the pattern in it.",
    "When the network in our school was down, I was the one who found the broken switch.",
    "I read about break-ins into computers and love to find the hole before somebody else does.",
    "I stay calm when somebody is hurt, and I want to look after sick people on a ward.",
    (
        "Teeth fascinate me, I have steady hands, and I would like to treat patients in a practice"
        " of my own."
    ),
    "My dog's vet let me watch an operation, and since then I want to heal animals.",
    "Friends tell me their sorrows. I want to understand the mind and help people with anxiety.",
    "I play four kinds of sport and show beginners how to train without getting hurt.",
    "Numbers relax me: I keep the club's books, and I notice when a receipt is missing.",
    (
        "Sharing out tasks, keeping deadlines, and getting six people to finish on the same day:"
        " that is me."
    ),
    "I can sell anything to anybody, and I like meeting new customers every day.",
    "I planned my sister's wedding for two hundred guests and loved every minute of it.",
    (
        "I explain fractions to my cousins until they laugh about them, and would like a class of"
        " my own."
    ),
    "I argue for a living already, says my mother. I read laws and contracts for fun.",
    "I want to drive the fire engine, pull people out of burning houses and keep fit for it.",
    "I walk old people to the office and help families who do not know how to go on.",
    "I draw all day: posters, logos, covers for my friends' songs.",
    "I write for the school paper, ask people awkward questions and check what they say.",
    "I take engines apart in my uncle's garage and can hear what is wrong with a car.",
    "I lay cables and change fuses at home, carefully, and want to wire whole houses.",
    "I cook for twelve on Sundays, sharpen my own knives and dream of a kitchen of my own.",
    "I grow up between cows and wheat, drive the tractor and would like to take over the fields.",
)
"""Texts about many kinds of work; none of them is a training row."""

UNRELATED = (
    "",
    "  \n ",
    "12345 ?!",
    "hello",
    "asdf qwertz lkjh yxcv",
    "What is the capital of Australia?",
    "The train to the airport leaves every twenty minutes from platform four.",
    "Boil the pasta for nine minutes and drain it.",
)
"""Empty texts and texts about no work: the answer to each must be "unsure"."""

LEAST_MATCHED = 8
"""With fewer of QUERIES about the bundle's careers, their descriptions are asked as well."""


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the production checklist."""

    name: str
    passed: bool
    found: str


def shipped(path: str | Path) -> Path:
    """The zip that is shipped: `path` itself, or the one in the folder `path`.

    Raises BundleError where there is none, or where the folder around it has another model.
    """
    path = Path(path)
    archive = path / layout.ZIP if path.is_dir() else path
    if not archive.is_file():
        reader.read(path)  # raises with the better reason where this is no bundle at all
        raise BundleError(
            f"{path} has no {layout.ZIP}, which is what is checked: name the zip (--bundle FILE),"
            " or train again"
        )
    if (
        # Unpacked files beside the zip must be those of the same model.
        archive != path
        and (path / layout.MANIFEST).is_file()
        and reader.read(path).metadata != reader.read(archive).metadata
    ):
        raise BundleError(
            f"{path} and the {layout.ZIP} in it hold two different models: unpack the zip there, or"
            " train again"
        )
    return archive


def checklist(path: str | Path) -> list[Check]:
    """The production checklist of the zip at or in `path`, with every file of it verified.

    Raises BundleError where it cannot be opened.
    """
    archive = shipped(path)
    start = time.perf_counter()
    recommender = Recommender.load(archive)
    opened = time.perf_counter() - start
    # Opening checks only what it reads; this reads every file. It is not a part of the time.
    reader.read_whole(archive)
    size = archive.stat().st_size / layout.MB
    accuracy, inference, *others = answers_checked(recommender)
    inference = replace(inference, found=f"{inference.found[:-1]}; opened in {opened:.1f} s)")
    shipped_size = Check(f"size < {SIZE_MB} MB", size < SIZE_MB, f"{size:.1f} MB, {archive.name}")
    return [accuracy, shipped_size, inference, *others]


def answers_checked(recommender: Recommender) -> list[Check]:
    """The lines of the checklist about a loaded bundle: all but the size of its zip."""
    metadata = recommender.metadata
    figures = metadata.get("metrics") or {}
    accuracy = (figures.get("test") or {}).get("accuracy")
    median, slowest = latency(recommender)
    unnamed = unnamed_limits(metadata)
    judged = _accuracy(accuracy, "members" in metadata)
    if folds := figures.get("folds"):
        judged += f"; each row held out in turn ({folds['count']} folds)"
    limits = f"{len(metadata.get('known_limits') or [])} in {layout.CARD}"
    return [
        Check(
            f"accuracy > {GOOD_ACCURACY * 100:.0f} %",
            accuracy is not None and accuracy["value"] > GOOD_ACCURACY,
            judged,
        ),
        Check(
            f"inference < {LATENCY_MS} ms",
            median < LATENCY_MS,
            f"{median:.1f} ms (median; slowest {slowest:.1f} ms)",
        ),
        diverse(recommender),
        Check(
            "known limits written",
            not unnamed,
            f"{limits}, but not {', '.join(unnamed)}" if unnamed else limits,
        ),
    ]


def _accuracy(entry: Mapping[str, float] | None, ensemble: bool) -> str:
    if entry is None and ensemble:
        return "not measured: make the ensemble with  --evaluate FILE"
    if entry is None:
        return "no score possible: too few rows to hold any out"
    # Passed by its value, but its interval reaches below the limit.
    unsure = entry["value"] > GOOD_ACCURACY >= entry["low"]
    return measured(entry) + (
        f"; so few rows cannot tell it from {GOOD_ACCURACY * 100:.0f} %" if unsure else ""
    )


def latency(recommender: Recommender) -> tuple[float, float]:
    """Median and largest milliseconds from a text to its answer, over QUERIES one by one."""
    # One by one, as people ask. The median, because a busy machine slows single answers.
    seconds = []
    for query in QUERIES:
        start = time.perf_counter()
        recommender.recommend(query)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds) * 1000, max(seconds) * 1000


def diverse(recommender: Recommender) -> Check:
    """Whether different texts get different answers, and unrelated texts none.

    Of the texts that match a career of the bundle, at least half as many different careers are
    wanted as there could be, and none for more than a third of them. Of two to five careers one may
    have up to twice its even share.
    """
    own = [answer for answer in recommender.recommend(QUERIES) if answer.decision == "match"]
    asked = f"{len(own)} of {len(QUERIES)} texts matched"
    if len(own) < LEAST_MATCHED:
        # A bundle of hospital careers is right to be unsure about cows: its own texts count then.
        described = _descriptions(recommender)
        own += recommender.recommend(described)
        asked += f", {len(described)} descriptions"
    trouble = _monotony(own, len(recommender.classes)) if own else "nothing could be asked"
    answered = [
        text
        for text, answer in zip(UNRELATED, recommender.recommend(UNRELATED), strict=True)
        if answer.decision != "unsure"
    ]
    found = (
        f"{len(_firsts(own))} different first answers ({asked}), {len(UNRELATED) - len(answered)}"
        f" of {len(UNRELATED)} empty or unrelated ones unsure"
    )
    if answered:
        trouble = trouble or f"{answered[0]!r} should be unsure"
    return Check("diverse queries", trouble is None, f"{found}; {trouble}" if trouble else found)


def _monotony(answers: Sequence[Recommendation], careers: int) -> str | None:
    firsts = _firsts(answers)
    # There cannot be more different answers than careers, nor than texts.
    wanted = max(2, math.ceil(min(careers, len(answers)) / 2))
    if len(firsts) < wanted:
        return f"at least {wanted} wanted"
    career, times = firsts.most_common(1)[0]
    # With few careers a third is less than twice the even share.
    if times > max(1 / 3, 2 / careers) * len(answers):
        return f"{career} for {times} of {len(answers)}"
    return None


def _firsts(answers: Sequence[Recommendation]) -> Counter[str]:
    return Counter(answer.careers[0].career for answer in answers if answer.careers)


def _descriptions(recommender: Recommender) -> list[str]:
    """Descriptions (or skills) of at most as many careers as there are QUERIES, names masked."""
    # Every step-th career, spread over the list rather than its beginning.
    step = max(1, len(recommender.careers) // len(QUERIES))
    shown = (
        (career.name, career.description or " ".join(career.skills))
        for career in recommender.careers[::step]
    )
    return [mask_role(text, name) for name, text in shown if text]
