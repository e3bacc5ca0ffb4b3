"""The whole catalogue of careers: how much of employment it covers, and how well texts about its
careers are answered that hands wrote who saw neither its rows nor each other.

    python benchmarks/catalogue.py [--bundle models] [--facts FOLDER] [--none FILE] [--held-out]

benchmarks/data/new_careers.csv has a text for each of 215 careers and 60 more for those of job
zones 1 and 2; outside.csv has people of occupations of which some are careers here. FOLDER holds
oews_2025_us_national.csv (U.S. Bureau of Labor Statistics) and db_29_text.zip (O*NET): an
occupation counts as covered only if one of its official titles is a name or alias of the career
that has its code. FILE is none.csv of `real_people.py`: texts of people in none of the first 64
careers; `LABELS` says which careers its labels mean. --held-out fits the heads again as `vocation
train` does on the default data, with the weights of the bundle, and tells the accuracy on the test
part for the first 64 careers and the others apart.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import re
import zipfile
from collections import defaultdict
from pathlib import Path

import numpy as np

from vocation import Recommender, metrics

DATA = Path(__file__).parent / "data"
CATALOGUE = Path(__file__).parents[1] / "src" / "vocation" / "default_data" / "careers.csv"
SURE = 0.8

LABELS = {
    "customer service": "Customer Service Representative",
    "loan officer": "Loan Officer",
    "real estate agent": "Estate Agent",
    "cleaner": "Cleaner|Hotel Housekeeper",
    "florist": "Florist",
    "bank teller": "Bank Teller",
    "dental assistant": "Dental Assistant|Dental Hygienist",
    "airline ground staff": "Airport Ground Worker",
    "receptionist": "Receptionist|Hotel Receptionist|Medical Secretary",
    "university teacher": "University Lecturer",
    "nursing or medical assistant": "Nursing Assistant|Medical Assistant",
    "retail manager": "Shop Manager",
    "insurance clerk": "Claims Adjuster|Insurance Agent|Insurance Underwriter",
    "fashion designer": "Fashion Designer",
    "machine operator": "Metal Machine Operator|Factory Worker|Machinist|Sewing Machine Operator"
    "|Plant Operator|Chemical Plant Operator|Food Production Worker",
    "carpenter": "Carpenter|Cabinet Maker",
    "shop or restaurant manager": "Shop Manager|Restaurant Manager",
    "sports coach": "Sports Coach",
    "aircraft mechanic": "Aircraft Mechanic",
    "insurance": "Claims Adjuster|Insurance Agent|Insurance Underwriter",
    "hair and beauty": "Hairdresser|Beautician|Nail Technician",
    "fashion": "Fashion Designer|Merchandiser|Tailor|Buyer",
    "waiter or bartender": "Waiter|Bartender|Barista",
    "construction worker": "Construction Labourer|Concrete Worker|Bricklayer|Carpenter"
    "|Drywaller|Plasterer|Painter and Decorator|Road Worker|Roofer|Steel Erector",
    "buyer": "Buyer",
    "warehouse worker": "Warehouse Worker|Forklift Driver|Warehouse Clerk|Packer",
    "paralegal": "Paralegal",
    "early years or teaching assistant": "Preschool Teacher|Childcare Worker|Nanny"
    "|Teaching Assistant",
    "cashier": "Cashier",
    "welder": "Welder",
    "office assistant": "Office Clerk|Administrative Assistant|Data Entry Clerk"
    "|Executive Assistant",
    "correctional officer": "Prison Officer",
    "performer": "Actor|Musician",
    "security guard": "Security Guard",
    "nursing assistant": "Nursing Assistant|Home Care Aide",
    "medical records and billing": "Medical Records Specialist|Billing Clerk",
    "plumber": "Plumber",
    "driver": "Truck Driver|Delivery Driver|Bus Driver|Taxi Driver|Courier",
    "pharmacy technician": "Pharmacy Technician",
    "landscaper": "Gardener",
    "medical technician": "Medical Lab Technician|Lab Technician|Radiographer"
    "|Surgical Technologist|Phlebotomist",
    "veterinary technician": "Veterinary Nurse",
    "flight attendant": "Flight Attendant",
    "massage therapist": "Massage Therapist",
    "pest control": "Pest Controller",
    "dispatcher": "Dispatcher|Emergency Dispatcher",
    "occupational therapist": "Occupational Therapist|Therapy Assistant",
    "clergy": "Clergy",
    "paramedic": "Paramedic",
}
"""Careers that answer to a label of none.csv, joined by bars; without one it is in none here."""


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def words(title: str) -> str:
    """A title without brackets, plural endings and capitals, to compare with another."""
    found = re.findall(r"[a-z0-9]+", re.sub(r"\(.*?\)", "", title.casefold()))
    return " ".join(
        re.sub("ies$", "y", word) if word.endswith("ies") else re.sub("(?<=...)(?<!s)s$", "", word)
        for word in found
    )


def coverage(folder: Path) -> None:
    """Print the share of US employment in occupations whose title finds a career here."""
    official = {row["oews_soc"]: row for row in rows(folder / "oews_2025_us_national.csv")}
    titles = defaultdict(set)
    for code, row in official.items():
        titles[code].add(words(row["oews_title"]))
    with zipfile.ZipFile(folder / "db_29_text.zip") as archive:
        for table, column in (
            ("Occupation Data", "Title"),
            ("Alternate Titles", "Alternate Title"),
            ("Sample of Reported Titles", "Reported Job Title"),
        ):
            file = io.TextIOWrapper(archive.open(f"db_29_text/{table}.txt"), "utf-8")
            for row in csv.DictReader(file, delimiter="\t"):
                code = row["O*NET-SOC Code"][:7]
                # Wages are told for some groups of codes only: 31-1120 stands for 31-1121 and -22.
                for known in (code, code[:6] + "0"):
                    titles[known].add(words(row[column]))
    people = {code: float(row["us_employment"] or 0) for code, row in official.items()}
    named: dict[str, bool] = {}
    for career in rows(CATALOGUE):
        own = {words(name) for name in (career["role"], *career["aliases"].split("|"))}
        for code in filter(None, career["oews_soc"].split("|")):
            named[code] = bool(own & titles[code])
    total = sum(people.values())
    for name, codes in (
        ("with a career here", list(named)),
        ("whose official title is a name of it", [code for code in named if named[code]]),
    ):
        print(
            f"employment in occupations {name}: {sum(people[c] for c in codes) / total:.1%}"
            f" of {total:,.0f} ({len(codes)} of {len(people)} occupations)"
        )


def told(recommender: Recommender, name: str, texts: list[str], right: list[str]) -> None:
    """Print how often the right career comes first and among the first three."""
    answers = recommender.recommend(texts, top_k=3)
    good = [one.split("|") for one in right]
    listed = [[one.career for one in answer.careers] for answer in answers]
    pairs = list(zip(listed, good, strict=True))
    first = np.array([bool(got) and got[0] in own for got, own in pairs])
    top3 = np.array([bool(set(got) & set(own)) for got, own in pairs])
    sure = np.array([bool(a.careers) and a.careers[0].confidence >= SURE for a in answers])
    match = np.array([a.decision == "match" for a in answers])
    share = metrics.share(first)
    print(
        f"{name}: first {share['value']:.1%} ({share['low']:.1%} to {share['high']:.1%}), top 3"
        f" {top3.mean():.1%}, a match {match.mean():.1%}, wrong and 80 % sure"
        f" {(~first & sure).mean():.1%}, n = {len(first)}"
    )


def strangers(recommender: Recommender, name: str, texts: list[str]) -> None:
    """Print how often people of no career here get a match."""
    answers = recommender.recommend(texts)
    match = [a for a in answers if a.decision == "match"]
    sure = sum(a.careers[0].confidence >= SURE for a in match)
    print(
        f"{name}: a match {len(match) / len(texts):.1%}, 80 % sure {sure / len(texts):.1%},"
        f" n = {len(texts)}"
    )


def outside(recommender: Recommender) -> None:
    """Print the figures on people of other occupations than the first 64 careers."""
    with open(CATALOGUE, encoding="utf-8", newline="") as file:
        codes = {
            code.split(".")[0]: row["role"]
            for row in csv.DictReader(file)
            for code in filter(None, (row["oews_soc"] + "|" + row["onet_soc"]).split("|"))
        }
    people = rows(DATA / "outside.csv")
    known = [row for row in people if codes.get(row["soc"][:7]) in recommender.classes]
    if known:
        told(
            recommender,
            "outside.csv, now a career",
            [row["text"] for row in known],
            [codes[row["soc"][:7]] for row in known],
        )
    strangers(recommender, "outside.csv, the rest", [r["text"] for r in people if r not in known])


def held_out(weights: dict[str, float]) -> None:
    """Print the accuracy on the held-out part, of the first careers and the others."""
    from vocation.config import TrainConfig
    from vocation.data import dataset
    from vocation.progress import NullProgress
    from vocation.serving.model import fuse
    from vocation.training.checkpoints import Checkpoints
    from vocation.training.fit import Fitter
    from vocation.training.prepare import prepare

    config = TrainConfig()
    prepared = prepare(dataset.load(None), config)
    fitter = Fitter(prepared, Checkpoints(Path("none"), {}, False), False, NullProgress())
    model, _ = fitter.measured("head", prepared.network())
    test, labels = prepared.split.test, prepared.data.labels
    place = metrics.ranks(fuse(model.row_scores(test), weights), labels[test])
    names = set((DATA / "first_careers.txt").read_text(encoding="utf-8").splitlines())
    first = np.array([prepared.data.roles[label] in names for label in labels[test]])
    for name, part in (("all", place), ("first 64", place[first]), ("others", place[~first])):
        share = metrics.share(part == 1)
        print(
            f"held out, {name}: first {share['value']:.1%} ({share['low']:.1%} to"
            f" {share['high']:.1%}), top 3 {(part <= 3).mean():.1%}, n = {len(part)}"
        )


def main() -> None:
    """Print every figure that the given files allow."""
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--bundle", type=Path, default=Path("models"))
    arguments.add_argument("--facts", type=Path)
    arguments.add_argument("--none", type=Path)
    arguments.add_argument("--held-out", action="store_true")
    args = arguments.parse_args()
    if args.facts:
        coverage(args.facts)
    recommender = Recommender.load(args.bundle)
    texts = [row for row in rows(DATA / "new_careers.csv") if row["career"] in recommender.classes]
    for name, part in (
        ("other hands", texts),
        ("zones 1 and 2", [row for row in texts if row["zone"] in ("1", "2")]),
        ("zones 3 to 5", [row for row in texts if row["zone"] not in ("1", "2")]),
    ):
        told(recommender, name, [row["text"] for row in part], [row["career"] for row in part])
    outside(recommender)
    if args.none:
        people = rows(args.none)
        known = [row for row in people if row["label"] in LABELS]
        told(
            recommender,
            "none.csv, now a career",
            [row["text"] for row in known],
            [LABELS[row["label"]] for row in known],
        )
        rest = [row["text"] for row in people if row["label"] not in LABELS]
        strangers(recommender, "none.csv, the rest", rest)
    if args.held_out:
        described = json.loads((args.bundle / "model_metadata.json").read_text(encoding="utf-8"))
        held_out(described["calibration"]["weights"])


if __name__ == "__main__":
    main()
