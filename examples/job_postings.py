"""From a table of job adverts to a file that vocation reads: how to bring pay that stands in a text
into columns.

    python examples/job_postings.py job_postings_salary.csv my-data

Reads the columns `Job Title`, `Salary Estimate` ("CA$77K-CA$91K (Glassdoor est.)") and `Job
Description`, and writes my-data/job_descriptions.csv with role, description, requirements,
salary_min, salary_max, currency and period. Change ROLES and `salary` to what your own table looks
like.
"""

from __future__ import annotations

import csv
import re
import sys
from pathlib import Path

from vocation.data.pay import amount

COLUMNS = ["role", "description", "requirements", "salary_min", "salary_max", "currency", "period"]

# The first pattern that a job title fits decides its role; titles that fit none are one role of
# their own.
ROLES = (
    ("Full Stack Developer", r"full[\s-]*stack"),
    ("Front End Developer", r"front[\s-]*end|react|angular|\bui\b"),
    ("Machine Learning Developer", r"machine learning|\bai\b|\bml\b|deep learning|computer vision"),
    ("Data Developer", r"\bdata|\bbi\b|\bsql\b|\betl\b|database"),
    ("Mobile Developer", r"mobile|android|\bios\b"),
    ("Test Developer", r"\btest|\bqa\b"),
    ("DevOps Developer", r"devops|cloud|\bsite reliability\b"),
    ("Embedded Developer", r"embedded|firmware"),
    ("Game Developer", r"\bgame|unity|unreal|gameplay"),
    ("Python Developer", r"python|django"),
    ("Java Developer", r"\bjava\b"),
    (".NET Developer", r"\.net|c#"),
    ("C++ Developer", r"c\+\+"),
    ("Back End Developer", r"back[\s-]*end"),
    ("Web Developer", r"\bweb\b|php|javascript|wordpress|shopify"),
)
OTHER = "Software Developer"

# A line that names the pay would give the answer away: it is no part of the text.
MONEY = re.compile(r"[^\n.]*(?:\$\s?\d|\d\s?\$|\bsalary\s*:)[^\n]*", re.IGNORECASE)
REQUIREMENTS = re.compile(
    r"\n[^\n]{0,40}\b(?:requirements?|qualifications?|what you(?:'|’)?(?:ll)?"
    r" (?:need|bring)|experience):?[^\n]{0,20}\n",
    re.IGNORECASE,
)


def role(title: str) -> str:
    """The role of a job title."""
    return next(
        (name for name, pattern in ROLES if re.search(pattern, title, re.IGNORECASE)), OTHER
    )


def salary(text: str) -> tuple[str, str, str]:
    """Lowest and highest pay of "CA$77K-CA$91K (Glassdoor est.)" and their currency; empty for
    anything else, such as "-1".
    """
    ends = re.sub(r"\(.*?\)", "", text).split("-")
    found = [amount(end.strip()) for end in ends if end.strip()]
    if len(ends) != 2 or len(found) != 2 or None in found:
        return "", "", ""
    (low, money), (high, other) = (pair for pair in found if pair)
    return (f"{low:.0f}", f"{high:.0f}", money) if money == other else ("", "", "")


def convert(source: Path, folder: Path) -> tuple[int, int]:
    """Write job_descriptions.csv into `folder`; returns the rows read, and those left once the same
    advert was taken once.
    """
    with source.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    seen: set[str] = set()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "job_descriptions.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row in rows:
            text = MONEY.sub("", row["Job Description"]).strip()
            if not text or " ".join(text.split()) in seen:
                continue
            seen.add(" ".join(text.split()))
            low, high, money = salary(row["Salary Estimate"])
            parted = REQUIREMENTS.search(text)
            description, needed = (
                (text[: parted.start()], text[parted.end() :]) if parted else (text, "")
            )
            writer.writerow(
                [
                    role(row["Job Title"]),
                    description.strip(),
                    needed.strip(),
                    low,
                    high,
                    money,
                    "year" if low else "",
                ]
            )
    return len(rows), len(seen)


if __name__ == "__main__":
    read, kept = convert(Path(sys.argv[1]), Path(sys.argv[2]))
    print(
        f"{read:,} adverts read, {kept:,} different ones written to"
        f" {sys.argv[2]}/job_descriptions.csv"
    )
