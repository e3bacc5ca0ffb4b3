"""Careers that a text names: wished for in a sentence, and mentioned in passing beside what
somebody says about themselves.

    python benchmarks/named_careers.py [--bundle models]

The texts that another career is added to are the half `tune` of benchmarks/data/first_person.csv.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np

from vocation import Recommender, metrics

PEOPLE = Path(__file__).parent / "data" / "first_person.csv"

WISHES = (
    "I'm {a}.",
    "I want to be {a}.",
    "I have always wanted to become {a}, what do I need to learn?",
    "My dream job is {career}.",
    "I am thinking of becoming {a} because it pays well.",
)
PASSING = (
    "{text}",
    "I worked as {a} for six years and I hated it. {text}",
    "My mother is {a}. {text}",
    "I don't want to be {a}. {text}",
    "{text} My friend says I should become {a}.",
)


def filled(pattern: str, career: str, text: str = "") -> str:
    """The sentence with the career as somebody would write it within one: abbreviations stay, other
    words are small.
    """
    said = " ".join(word if word.isupper() else word.lower() for word in career.split())
    return pattern.format(
        a=f"{'an' if career[0] in 'AEIOU' else 'a'} {said}", career=said, text=text
    )


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--bundle", type=Path, default=Path("models"))
    recommender = Recommender.load(arguments.parse_args().bundle)
    classes = recommender.classes
    print("| sentence | another career first | as a match | careers |\n|---|---|---|---|")
    for pattern in WISHES:
        answers = recommender.recommend([filled(pattern, name) for name in classes])
        wrong = [
            answer
            for answer, name in zip(answers, classes, strict=True)
            if answer.careers[0].career != name
        ]
        print(
            f"| {pattern} | {len(wrong)} | {sum(answer.decision == 'match' for answer in wrong)} |"
            f" {len(classes)} |"
        )
    with open(PEOPLE, encoding="utf-8", newline="") as file:
        people = [
            (row["text"], classes.index(row["career"]))
            for row in csv.DictReader(file)
            if row["half"] == "tune"
        ]
    truth = np.array([label for _, label in people])
    other = (truth + np.random.default_rng(0).integers(1, len(classes), len(truth))) % len(classes)
    print(
        "\n| beside a text of `tune` | top-1 accuracy | top-3 accuracy | the mentioned career first"
        " |\n|---|---|---|---|"
    )
    for pattern in PASSING:
        texts = [
            filled(pattern, classes[named], text)
            for (text, _), named in zip(people, other, strict=True)
        ]
        probabilities = recommender.probabilities(texts)
        rank = metrics.ranks(probabilities, truth)
        mentioned = (probabilities.argmax(axis=1) == other).mean()
        print(
            f"| {pattern} | {(rank == 1).mean():.1%} | {(rank <= 3).mean():.1%} | {mentioned:.1%} |"
        )


if __name__ == "__main__":
    main()
