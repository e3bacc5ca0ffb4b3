"""Commands about official catalogues of occupations: import."""

from __future__ import annotations

import argparse
from pathlib import Path

from vocation.cli.options import Commands, names, positive, say


def add_import(commands: Commands) -> None:
    """Declare `vocation import`."""
    command = commands.add(
        "import",
        _import,
        "make training files of an official catalogue: O*NET or ESCO",
        "Read the official download of O*NET or ESCO at PATH, a zip or the folder it was unpacked"
        " to, and write careers.csv, skills_mapping.csv, job_descriptions.csv and NOTICE into a new"
        " folder. Download it yourself: nothing is fetched.",
        "onet db_30_2_text.zip --output my-data",
        "onet db_30_2_text.zip --output my-data --only 15,29-11",
        'esco "ESCO dataset - v1.2.0 - classification - de - csv.zip" --output my-data',
    )
    command.add_argument("catalogue", choices=("onet", "esco"), help="which catalogue it is")
    command.add_argument("path", metavar="PATH", type=Path, help="the download: a zip or a folder")
    command.add_argument(
        "--output", metavar="DIR", type=Path, required=True, help="the folder to write"
    )
    command.add_argument(
        "--replace",
        action="store_true",
        help="replace the files of an earlier import in DIR, all of them at once",
    )
    command.add_argument(
        "--language",
        metavar="CODE",
        help="of ESCO, for example de (default: en, or the only one that is there)",
    )
    command.add_argument(
        "--only",
        metavar="CODES",
        type=names,
        help="occupations whose code begins like that: 15,29-11 of O*NET, 25,2221 of ESCO",
    )
    command.add_argument(
        "--limit",
        metavar="N",
        type=positive,
        help="at most N occupations, from the whole list at equal distances: a quick first try",
    )
    command.add_argument(
        "--crosswalk",
        metavar="FILE",
        type=Path,
        help="the official crosswalk from O*NET to ESCO (.csv, .xlsx): ESCO careers get the"
        " interests and the preparation of the nearest US occupation",
    )
    command.add_argument(
        "--onet",
        metavar="PATH",
        type=Path,
        help="with --crosswalk: the O*NET download to take them from (default: the careers of the"
        " default data, which are fewer)",
    )


def _import(args: argparse.Namespace) -> None:
    from vocation.importing import read_catalogue, writing

    catalogue = read_catalogue(
        args.catalogue,
        args.path,
        args.language,
        args.only,
        args.limit,
        args.crosswalk,
        args.onet,
    )
    counts = writing.write(catalogue, args.output, args.replace)
    say(writing.summary(catalogue, counts, args.output))
    base = (
        ""
        if catalogue.language == "en"
        else " --set base_model=sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2"
    )
    say(f"\nNext:\n  vocation validate {args.output}\n  vocation train {args.output}{base}")
