"""Do the phrases that are quoted as reasons matter? Each one is taken out, and so is another phrase
of the same text, chosen at random.

python benchmarks/faithfulness.py [--bundle models] [--half tune|report]
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path

import numpy as np
from first_person import rows

from vocation import Recommender, metrics
from vocation.text.clean import clean, phrases


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--bundle", type=Path, default=Path("models"))
    arguments.add_argument("--half", choices=("tune", "report"), default="tune")
    args = arguments.parse_args()
    recommender, rng = Recommender.load(args.bundle), random.Random(0)
    falls: list[tuple[float, float]] = []
    for row in rows("first_person.csv", args.half):
        text = clean(row["text"])
        first = recommender.recommend(text, 1, explain=True).careers[0]
        spans = phrases(text)
        quoted = next(
            (span for span in spans if first.because and text[slice(*span)] == first.because[0]),
            None,
        )
        if quoted is None or len(spans) < 2:
            continue
        other = rng.choice([span for span in spans if span != quoted])
        c = recommender.classes.index(first.career)
        without = recommender.probabilities([text[:a] + text[b:] for a, b in (quoted, other)])[:, c]
        falls.append((first.confidence - without[0], first.confidence - without[1]))
    own, others = np.array(falls).T
    print(
        f"half {args.half!r}: {len(falls)} texts with a quoted phrase and another one\n\n| figure |"
        " value |\n|---|---|"
    )
    print(
        f"| without the quoted phrase the career's probability falls by (mean) | {own.mean():.3f} |"
    )
    print(f"| without another phrase of the text, chosen at random | {others.mean():.3f} |")
    for label, hits in (
        ("falls at all without the quoted phrase", own > 0),
        ("falls more than without the random one", own > others),
    ):
        share = metrics.share(hits)
        print(f"| {label} | {share['value']:.1%} ({share['low']:.1%} to {share['high']:.1%}) |")


if __name__ == "__main__":
    main()
