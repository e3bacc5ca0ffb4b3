"""The user's careers beside the default ones, and default careers as files to start from."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import TINY, write_csv
from helpers import Lines
from helpers import vocation as command

import vocation
from vocation.bundle import layout
from vocation.data import dataset
from vocation.data.dataset import Dataset, load
from vocation.data.examples import default_careers
from vocation.errors import ConfigError, DataError
from vocation.records import Career
from vocation.reports import card
from vocation.serving.asked import meant
from vocation.text.titles import Titles
from vocation.training import measure, retrain
from vocation.training.background import Background
from vocation.training.domain import package_rows

CAREERS = "role,aliases,family,job_zone,annual_median_usd,pay_source\n"


def put(folder: Path, texts: dict[str, str], careers: str = "") -> Path:
    """A data folder with one profile of each of `texts`, and a careers.csv."""
    folder.mkdir()
    write_csv(folder / "profiles.csv", ["role", "profile"], [[*row] for row in texts.items()])
    if careers:
        (folder / "careers.csv").write_text(CAREERS + careers, "utf-8")
    return folder


@pytest.fixture
def defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A default catalogue of four careers."""
    folder = put(
        tmp_path / "defaults",
        {
            "Registered Nurse": "I look after patients on my ward",
            "Chef": "I cook for guests every night",
            "Airline Pilot": "I fly jets over the ocean",
            "Brewer": "I brew ales in copper kettles",
        },
        "Registered Nurse,nurse|staff nurse|carer,Health,3,80000,BLS\n"
        "Chef,cook|carer,Food,3,60000,BLS\n"
        "Airline Pilot,aviator|captain,Transport,4,200000,BLS\n",
    )
    monkeypatch.setattr(dataset, "default_folder", lambda: folder)


def merged(tmp_path: Path, texts: dict[str, str], careers: str = "", **options: Any) -> Dataset:
    return load(put(tmp_path / "mine", texts, careers), add_to_defaults=True, **options)


# --- the data -------------------------------------------------------------------------------------


@pytest.mark.usefixtures("defaults")
def test_careers_are_added_or_take_the_place_of_a_default_one(tmp_path: Path) -> None:
    texts = {"Nurse": "My patients", " CHEF ": "My kitchen", "Potter": "My clay"}
    data = merged(tmp_path, texts, "Nurse,,,,90000,mine\nPotter,ceramist|captain,Crafts,,,\n")
    assert data.roles == ("Airline Pilot", "Brewer", "CHEF", "Nurse", "Potter")
    assert {row.role: row.file for row in data.rows} == {
        **dict.fromkeys(("Airline Pilot", "Brewer"), "default profiles.csv"),
        **dict.fromkeys(("CHEF", "Nurse", "Potter"), "profiles.csv"),
    }
    # The user's pay counts with its source; what the user does not give is the default career's.
    nurse, chef = data.careers["Nurse"].facts, data.careers["CHEF"].facts
    assert nurse is not None
    assert chef is not None
    assert (nurse.pay_median, nurse.pay_source, nurse.job_zone) == (90000, "mine", 3)
    assert (chef.pay_median, chef.pay_source, chef.family) == (60000, "BLS", "Food")
    titles = {role: set(one.aliases) for role, one in data.careers.items()}
    assert titles["Nurse"] == {"Registered Nurse", "staff nurse"}
    assert titles["CHEF"] == {"cook", "carer"}, "of two that inherit a title, the first one has it"
    assert titles["Potter"] == {"ceramist", "captain"}
    assert titles["Airline Pilot"] == {"aviator"}, "the user's career has the other one"

    report = str(data.report)
    assert "Default careers: 2 of 4 kept." in report
    assert "Adds 1 career: Potter" in report
    assert "Replaces 2 default careers (new -> default): CHEF -> Chef, Nurse -> Regi" in report
    assert "'captain' of Airline Pilot -> Potter" in report
    assert data.known == (*data.roles, "Chef", "Registered Nurse")


@pytest.mark.usefixtures("defaults")
def test_whose_place_is_taken(tmp_path: Path) -> None:
    """By an alias that is the default career's name; not by a title that two of them share, nor
    where a namesake is there.
    """
    texts = {"Flyer": "My jets", "Carer": "My clients", "Chef": "My kitchen", "Cook": "My stove"}
    data = merged(tmp_path, texts, "Flyer,airline pilots,,,,\n")
    told = data.report.additions
    assert told is not None
    assert set(told.replaced) == {("Flyer", "Airline Pilot"), ("Chef", "Chef")}
    assert set(told.added) == {"Carer", "Cook"}
    assert data.careers["Registered Nurse"].aliases == ("nurse", "staff nurse")
    assert data.careers["Chef"].aliases == ()


@pytest.mark.usefixtures("defaults")
def test_two_careers_in_the_place_of_one_share_no_title(tmp_path: Path) -> None:
    data = merged(tmp_path, {"Nurse": "My patients", "Staff Nurse": "My ward", "Potter": "My clay"})
    assert [data.careers[role].aliases for role in ("Nurse", "Staff Nurse")] == [(), ()]
    zones = [facts.job_zone for one in data.careers.values() if (facts := one.facts)]
    assert zones.count(3) == 3, "Chef, and both nurses"
    assert "Replaces 1 default career (" in str(data.report)


@pytest.mark.usefixtures("defaults")
def test_the_users_columns_and_facts_alone(tmp_path: Path) -> None:
    folder = put(tmp_path / "mine", {})
    (folder / "profiles.csv").write_text("Job,Text\nPotter,My clay\n", "utf-8")
    (folder / "careers.csv").write_text(CAREERS + "Brewer,beer maker,,,41000,mine\n", "utf-8")
    columns = {"role": "Job", "profile": "Text"}
    data = load(folder, columns, add_to_defaults=True)
    assert data.counts == {"profiles": 5}
    brewer = data.careers["Brewer"]
    assert (brewer.aliases, brewer.facts and brewer.facts.pay_median) == (("beer maker",), 41000)
    assert any("Brewer" in hint for hint in data.report.hints)


def test_a_default_career_keeps_all_its_facts(tmp_path: Path) -> None:
    """Codes and the way in too, where it stays and where the user's career takes its place."""
    ours = load().careers
    data = merged(tmp_path, {"Registered Nurse": "My ward", "Quux Keeper": "My quuxes"}, "")
    assert ours["Cook"].facts is not None
    assert ours["Cook"].facts.entry_route
    for role in ("Cook", "Registered Nurse"):
        assert data.careers[role].facts == ours[role].facts


@pytest.mark.usefixtures("defaults")
def test_what_cannot_be_added_is_refused(tmp_path: Path) -> None:
    mine = put(tmp_path / "mine", {"Potter": "My clay"})
    with pytest.raises(ConfigError, match="choose one of them"):
        vocation.train(mine, tmp_path / "models", with_defaults=True, add_to_defaults=True)
    with pytest.raises(ConfigError, match="name the folder"):
        load(add_to_defaults=True)
    with pytest.raises(ConfigError, match="found a Dataset"):
        vocation.train(load(), tmp_path / "models", add_to_defaults=True)
    with pytest.raises(DataError, match="found none that is usable"):
        load(put(tmp_path / "none", {}), add_to_defaults=True)
    with pytest.raises(DataError, match="at least two careers"):
        load(mine)
    assert not (tmp_path / "models").exists()


def test_what_is_added_is_no_occupation_outside_of_the_catalogue(tmp_path: Path) -> None:
    """Texts and titles of "none of these" know the merged catalogue, by aliases too."""
    ours = load()
    known = Titles.of([ours.careers[role] for role in ours.roles])
    other = next(
        row["title"]
        for row in package_rows("training/outside.csv")
        if not known.has(row["title"], row["soc"])
    )
    data = merged(tmp_path, {"Quux Keeper": "My quuxes"}, f'Quux Keeper,"{other}",,,,\n')
    assert set(data.roles) == {*ours.roles, "Quux Keeper"}
    before, after = (
        Background([one.careers[role] for role in one.roles], list) for one in (ours, data)
    )
    gone = {row["text"] for row in package_rows("training/outside.csv") if row["title"] == other}
    assert gone
    assert gone <= set(before.texts)
    assert not gone & set(after.texts)
    assert set(before.texts) - set(after.texts) == gone


# --- a training -----------------------------------------------------------------------------------


@pytest.mark.usefixtures("defaults")
def test_a_replaced_career_does_not_vanish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {"classes": ["Registered Nurse", "Chef", "Airline Pilot", "Brewer"]}
    monkeypatch.setattr(retrain, "known", lambda _: before)
    mine = put(tmp_path / "mine", {"Nurse": "My patients", "Potter": "My clay"})
    assert retrain.lost_careers("models", load(mine, add_to_defaults=True).known) == []
    assert len(retrain.lost_careers("models", load(mine).known)) == 4


@pytest.mark.usefixtures("defaults")
def test_accuracy_is_told_apart(tmp_path: Path) -> None:
    """Roles: Airline Pilot, Brewer, Nurse, Potter, ... of which Nurse and Potter are the user's."""
    data = merged(tmp_path, {"Nurse": "My patients", "Potter": "My clay"})
    labels = np.array([data.roles.index(role) for role in ("Nurse", "Potter", "Chef", "Chef")])
    found = measure._by_origin(data, labels, np.array([1, 3, 1, 5]))["by_origin"]
    own, default = found["own"], found["default"]
    assert (own["accuracy"]["value"], own["top_3"]["value"], own["top_3"]["n"]) == (0.5, 1.0, 2)
    assert (default["accuracy"]["value"], default["top_3"]["value"]) == (0.5, 0.5)
    lines = list(card._origins({"default": default}))
    assert "no score" in lines[0]
    assert "n = 2" in lines[1]
    assert measure._by_origin(load(tmp_path / "mine"), labels[:1], np.array([1])) == {}


def test_a_training_records_what_was_added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def folder(name: str, careers: dict[str, list[str]]) -> Path:
        (tmp_path / name).mkdir()
        rows = [[role, text] for role, texts in careers.items() for text in texts]
        write_csv(tmp_path / name / "profiles.csv", ["role", "profile"], rows)
        return tmp_path / name

    defaults = folder("defaults", {role: TINY[role] for role in ("Baker", "Nurse", "Gardener")})
    write_csv(defaults / "careers.csv", ["role", "aliases"], [["Nurse", "hospital nurse"]])
    monkeypatch.setattr(dataset, "default_folder", lambda: defaults)
    mine = folder("mine", {"Coder": TINY["Programmer"], "Hospital Nurse": TINY["Nurse"]})
    lines = Lines()
    result = vocation.train(
        mine, tmp_path / "models", preset="head", add_to_defaults=True, progress=lines
    )
    expected = {
        "kept": 2,
        "added": ["Coder"],
        "replaced": [["Hospital Nurse", "Nurse"]],
        "moved": [],
    }
    assert result.record is not None
    for path in (result.folder / layout.METADATA, result.record):
        values = json.loads(path.read_bytes())
        assert values["dataset"]["added_to_defaults"] == expected
        assert set(values["metrics"]["by_origin"]) == {"own", "default"}
    told = (result.folder / layout.CARD).read_text("utf-8")
    for text in (told, str(lines)):
        assert "Hospital Nurse -> Nurse" in text
        assert "the user's careers: top-1" in text


# --- init -----------------------------------------------------------------------------------------


def roles(folder: Path) -> dict[str, set[str]]:
    """The careers of each file of `folder`."""
    found = {}
    for path in folder.iterdir():
        with path.open(encoding="utf-8", newline="") as file:
            found[path.name] = {row["role"] for row in csv.DictReader(file)}
    return found


def test_init_writes_the_careers_that_are_named(tmp_path: Path) -> None:
    done = command("init", tmp_path / "mine", "--careers", 'nurse, "ux desinger"')
    assert done.returncode == 0, done.stderr
    assert set(map(frozenset, roles(tmp_path / "mine").values())) == {
        frozenset(("Registered Nurse", "UX Designer"))
    }
    data = load(tmp_path / "mine")
    assert not data.report.dropped
    assert not data.report.contradictions
    # These rows again in the default catalogue: nothing but the order changes.
    again = load(tmp_path / "mine", add_to_defaults=True)
    assert (len(again.rows), again.roles) == (len(load().rows), load().roles)

    done = command("init", tmp_path / "new", "--careers", "nurse,astrohnaut")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "'astrohnaut'" in done.stderr
    assert not (tmp_path / "new").exists()


def test_init_writes_the_whole_catalogue(tmp_path: Path) -> None:
    assert command("init", tmp_path / "mine", "--all").returncode == 0
    names = {career.name for career in default_careers()}
    written = roles(tmp_path / "mine")
    assert written.pop("books_recommendations.csv") < names, "some careers have no books"
    assert all(some == names for some in written.values())
    assert load(tmp_path / "mine").fingerprint == load().fingerprint


def test_one_career_is_meant_or_several_are_named() -> None:
    careers = [
        Career("Software Engineer", aliases=("developer",)),
        Career("Web Developer"),
        Career("Data Engineer", aliases=("pipeline builder", "web scraper")),
    ]

    def asked(query: str) -> list[str]:
        return [one.name for one in meant(careers, query)]

    assert asked("developer") == ["Software Engineer"], "a whole title"
    assert asked("web") == ["Web Developer"], "a word of one name"
    assert asked("pipeline") == ["Data Engineer"], "a word of another title"
    assert asked("web develoepr") == ["Web Developer"], "a slip"
    assert asked("engineer") == ["Software Engineer", "Data Engineer"]
    assert asked("astronaut") == asked(" ") == []
