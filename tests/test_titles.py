"""Careers that a text names, occupations outside of the catalogue, and careers left out."""

from pathlib import Path

import numpy as np
import pytest

from vocation import Recommender
from vocation.data import dataset
from vocation.data.aliases import alias_hints
from vocation.records import Career
from vocation.serving.asked import choose
from vocation.serving.model import NAMED
from vocation.text.titles import Titles

CAREERS = (
    "Registered Nurse",
    "High School Teacher",
    "Chef",
    "Veterinarian",
    "Accountant",
    "Lawyer",
)
ALIASES = (
    ("nurse", "RN", "nursing"),
    ("teacher", "maths teacher"),
    ("cook",),
    ("vet",),
    ("CA",),
    ("law", "patent attorney"),
)
NURSE, TEACHER, CHEF, VET, ACCOUNTANT, LAWYER = range(6)


@pytest.fixture(scope="module")
def titles() -> Titles:
    return Titles(CAREERS, ALIASES)


def weights(titles: Titles, text: str) -> list[tuple[int | None, float]]:
    return [(one.career, one.weight) for one in titles.mentions(text)]


@pytest.mark.parametrize(
    ("text", "career"),
    [
        ("I am a nurse, I love hiking and my dogs", NURSE),
        ("My dream job is maths teacher", TEACHER),
        ("I'd love to work as a cook", CHEF),
        ("My mother is a nurse and I want to be a chef", CHEF),
        ("I don't want to be a nurse, I want to be a teacher", TEACHER),
        ("I can't wait to become a vet", VET),
        ("an rn with ten years on wards", NURSE),
        ("NURSE", NURSE),
        ("would registered-nurse suit me?", NURSE),
    ],
)
def test_a_claimed_career_counts_in_full(titles: Titles, text: str, career: int) -> None:
    evidence = titles.evidence(titles.mentions(text), len(CAREERS))
    assert evidence[career] == evidence.sum() == 1


@pytest.mark.parametrize(
    "text",
    [
        "My sister is a nurse.",
        "My maths teacher said I talk too much",
        "teachers I know are tired",
        "anything rather than a nurse",
        "I am not a nurse",
        "I used to be a nurse",
        "ex-nurse",
        "I left nursing",
        "I was a nurse for six years and I hated it",
        "My parents think I should become a teacher",
        "I told the teacher",
        "I live in CA with my dog",  # the state
        "it is raining",
    ],
)
def test_what_is_somebody_elses_or_over_is_no_evidence(titles: Titles, text: str) -> None:
    assert titles.evidence(titles.mentions(text), len(CAREERS)).sum() == 0


def test_a_title_that_only_occurs_counts_less_and_a_field_less_still(titles: Titles) -> None:
    assert weights(titles, "Payroll and teacher training in Leeds") == [(TEACHER, 0.5)]
    assert weights(titles, "Some law and some nursing at school") == [(LAWYER, 0.25), (NURSE, 0.25)]
    often = "law reports, " * 20
    assert titles.evidence(titles.mentions(often), len(CAREERS)).sum() == 0.5


def test_several_careers_share_by_the_number_of_mentions(titles: Titles) -> None:
    text = "I want to be a nurse. I want to be a nurse! I want to be a chef."
    evidence = titles.evidence(titles.mentions(text), len(CAREERS))
    np.testing.assert_allclose(evidence[[NURSE, CHEF]], [2 / 3, 1 / 3])


def test_the_longest_title_counts_and_its_place_is_known(titles: Titles) -> None:
    text = "Nursing assistant, primary school teachers' helper, maths teacher"
    found = titles.mentions(text)
    assert [(text[one.start : one.end], one.career) for one in found] == [
        ("Nursing assistant", None),
        ("primary school teachers'"[:-1], None),
        ("maths teacher", TEACHER),
    ]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("I want to be a hairdresser", "hairdresser"),
        ("plumber", "plumber"),
        ("would nanny suit me?", "nanny"),
        ("I am a hairdresser and I want to be a nurse", None),
        ("The plumber came late and I fixed the tap myself", None),
        ("I want to be a patent attorney", None),  # an alias here
        ("I am a hairdresser, but I want to write about law", None),  # today's job
        ("I am a hairdresser from Leeds", "hairdresser"),
    ],
)
def test_an_occupation_outside_the_catalogue_is_named(
    titles: Titles, text: str, named: str | None
) -> None:
    assert titles.outside(text, titles.mentions(text)) == named


def test_another_title_of_a_career_is_not_outside_a_catalogue_without_aliases() -> None:
    own = Titles(("Nurse (RN)", "Baker"))
    assert own.outside("I am a staff nurse", own.mentions("I am a staff nurse")) is None
    assert own.outside("I am a chef", own.mentions("I am a chef")) == "chef"


def test_a_shared_alias_is_reported_and_names_nobody() -> None:
    names, aliases = (
        ("Chef", "Baker", "Cook"),
        {"Chef": ("cook", "kitchen star"), "Baker": ("Kitchen-Stars",)},
    )
    hints = alias_hints(names, aliases)
    assert len(hints) == 2
    assert "'Chef' and 'Baker'" in "".join(hints)
    found = Titles(names, [aliases.get(name, ()) for name in names])
    assert [one.career for one in found.mentions("I am a cook. I am a kitchen star.")] == [2]


def test_aliases_come_from_the_users_file(tmp_path: Path) -> None:
    (tmp_path / "profiles.csv").write_text(
        "role,profile\nBaker,I love bread and dough\nPotter,I love clay and kilns\n"
    )
    (tmp_path / "careers.csv").write_text(
        f"role,aliases\nBaker,bread maker| pastry fan|\nPotter,{'x' * 101}\n"
    )
    data = dataset.load(tmp_path)
    assert data.careers["Baker"].aliases == ("bread maker", "pastry fan")
    assert data.careers["Potter"].aliases == ()
    assert any("careers.csv, line 3, column 'aliases'" in hint for hint in data.report.hints)


def test_aliases_in_a_bundle_have_limits_and_may_be_absent() -> None:
    stored = Career("Chef", aliases=("cook",)).to_dict()
    assert Career.from_dict(stored).aliases == ("cook",)
    for bad in (["x"] * 101, ["x" * 101], "cook", [1], [""]):
        with pytest.raises((TypeError, ValueError)):
            Career.from_dict(stored | {"aliases": bad})
    del stored["aliases"]
    assert Career.from_dict(stored).aliases == ()


def test_answers_hear_what_is_named(bundle_folder: Path) -> None:
    recommender = Recommender.load(bundle_folder)
    nurse, hairdresser = recommender.recommend(["nurse?", "I want to be a hairdresser"])
    assert (nurse.decision, nurse.careers[0].career) == ("match", "Registered Nurse")
    assert hairdresser.decision == "unsure"
    assert "hairdresser" in str(hairdresser.reason)
    text = ["My dream job is chef"]
    with_name, without = (recommender.probabilities(text, by_name=on) for on in (True, False))
    chef = recommender.classes.index("Chef")
    odds = np.log(with_name / (1 - with_name)) - np.log(without / (1 - without))
    assert odds[0, chef] == pytest.approx(NAMED)


def test_careers_can_be_left_out(bundle_folder: Path) -> None:
    recommender = Recommender.load(bundle_folder)
    text = "I love cooking, and I want to run a kitchen with fresh food every day"
    first = recommender.recommend(text).careers[0]
    rest = recommender.recommend(text, top_k=99, exclude=[first.career.upper()])
    assert first.career not in {one.career for one in rest.careers} | set(rest.prediction_set)
    assert sum(one.confidence for one in rest.careers) == pytest.approx(1)
    assert (rest.decision, first.confidence > 0.5) == ("unsure", True)  # what fits best is gone
    assert len(recommender.recommend(text, only=recommender.classes[:2]).careers) == 2
    with pytest.raises(ValueError, match="'Registered Nurse'"):
        recommender.recommend(text, exclude=["Registred Nurse"])
    with pytest.raises(ValueError, match="no career is left"):
        choose(recommender.careers, recommender.classes)
