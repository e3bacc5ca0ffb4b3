"""What careers.csv says about a career: official codes, one or several, and how one gets in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from helpers import edited, vocation

from vocation import Recommender
from vocation.bundle import layout
from vocation.data.tables import Table, read_folder
from vocation.records import LONGEST_ROUTE, MOST_CODES, Career, Facts
from vocation.text.titles import Titles
from vocation.training.background import Background

ROUTE = "Learn on the ward as an aide; a certificate of 6 weeks helps."


def read(folder: Path, header: str, row: str) -> Table:
    (folder / "careers.csv").write_text(f"role,{header}\nAide,{row}\n", "utf-8")
    return read_folder(folder / "careers.csv")[0]


def test_several_codes_and_titles_are_read(tmp_path: Path) -> None:
    table = read(
        tmp_path,
        "isco08,entry_route,onet_soc,onet_title,oews_soc,oews_title",
        f"5321 | 3221.0|5321,{ROUTE},31-1131.00|31-1132,Aides|Orderlies,31-1131,Aides|Orderlies",
    )
    facts = table.facts["Aide"]
    assert facts.isco08 == ("5321", "3221")
    assert facts.soc == ("31-1131.00", "31-1132.00")
    assert (facts.title, facts.pay_title) == ("Aides; Orderlies", "Aides; Orderlies")
    assert facts.entry_route == ROUTE
    assert not table.hints


@pytest.mark.parametrize(
    ("column", "value", "kept"),
    [
        ("isco08", "nurse|5321", ("5321",)),
        ("isco08", "532", ()),  # a spreadsheet drops the zero of 0532
        ("isco08", "٥٣٢١", ()),
        ("isco08", "|".join(map(str, range(1000, 1001 + MOST_CODES))), None),
        ("onet_soc", "31-1131.00|1=1;--", ("31-1131.00",)),
        ("oews_soc", "311131", ()),
        ("entry_route", "x" * (LONGEST_ROUTE + 1), ""),
    ],
)
def test_an_impossible_code_is_left_out_with_its_place(
    tmp_path: Path, column: str, value: str, kept: object
) -> None:
    table = read(tmp_path, column, value)
    facts = table.facts["Aide"]
    found = getattr(facts, "soc" if column.endswith("soc") else column)
    assert found == kept or (kept is None and len(found) == MOST_CODES)
    (hint,) = table.hints
    assert f"careers.csv, line 2, column {column!r}: expected" in hint


def test_every_official_occupation_of_a_career_is_left_out_of_the_others(tmp_path: Path) -> None:
    """Its name tells neither of them: only the codes do."""
    facts = read(tmp_path, "onet_soc", "31-1131|31-1132").facts["Aide"]
    helper, bare = Career("Ward helper", facts=facts), Career("Ward helper")
    known, unknown = Background([helper], list), Background([bare], list)
    assert set(unknown.titles) - set(known.titles) == {"Nursing Assistants", "Orderlies"}
    assert len(unknown.texts) - len(known.texts) == 2, "the texts of orderlies"
    text = "I want to be an orderly"
    for career, outside in ((helper, None), (bare, "orderly")):
        titles = Titles.of([career])
        assert titles.outside(text, titles.mentions(text)) == outside


@pytest.fixture(scope="module")
def with_route(bundle_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shared bundle, whose careers have a way in and codes, all but the last."""
    careers = json.loads((bundle_folder / layout.PROFILES).read_text("utf-8"))
    for one in careers[:-1]:
        one["facts"] |= {"entry_route": ROUTE, "isco08": ["5321", "3221"]}
    for name in ("entry_route", "isco08", "soc"):
        del careers[-1]["facts"][name]  # as in an older bundle
    return edited(
        bundle_folder, tmp_path_factory.mktemp("route") / "models", {layout.PROFILES: careers}
    )


def test_answers_tell_the_way_in_and_the_codes(with_route: Path) -> None:
    recommender = Recommender.load(with_route)
    assert recommender.careers[-1].facts is not None
    assert recommender.careers[-1].facts.soc == ()
    text = "I cook in a restaurant kitchen and I want to become a chef"
    answer = recommender.recommend(text).to_dict()["careers"][0]
    assert (answer["entry_route"], answer["isco08"]) == (ROUTE, ("5321", "3221"))
    listed = json.loads(vocation("careers", "chef", "--bundle", with_route, "--json").stdout)
    assert (listed[0]["entry_route"], listed[0]["isco08"]) == (ROUTE, ["5321", "3221"])
    plain, explained = (
        vocation("recommend", text, "--bundle", with_route, *more).stdout
        for more in ((), ("--explain",))
    )
    assert f"how to get in: {ROUTE}" in explained
    assert ROUTE not in plain


@pytest.mark.parametrize(
    "facts",
    [
        {"isco08": "5321"},
        {"isco08": ["532"]},
        {"soc": ["31-1131"]},
        {"soc": ["31-1131.00"] * (MOST_CODES + 1)},
        {"entry_route": ["x"]},
        {"entry_route": "x" * (LONGEST_ROUTE + 1)},
    ],
)
def test_hostile_facts_in_a_bundle_are_refused(facts: dict[str, object]) -> None:
    stored = Career("Aide", facts=Facts(soc=("31-1131.00",), entry_route=ROUTE)).to_dict()
    assert Career.from_dict(json.loads(json.dumps(stored))).to_dict() == stored
    stored["facts"] |= facts
    with pytest.raises((TypeError, ValueError)):
        Career.from_dict(stored)
