"""Masking of persons: what goes, what stays, and that training and serving read the same."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vocation import Recommender
from vocation.bundle import layout, reader
from vocation.data.dataset import load
from vocation.errors import BundleError
from vocation.fairness.texts import names
from vocation.text import person
from vocation.text.person import MASKING, listed, mask_person


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("My name is Fatima and I love baking bread.", "I love baking bread."),
        (
            "I'm Zuberi, 24, from Mombasa. I fix engines.",
            "I fix engines.",
        ),  # listed nowhere: its place tells
        ("I am Mark and I sell cars", "I sell cars"),
        (
            "I am Fatima Nurse and I sell cars",
            "Nurse and I sell cars",
        ),  # a listed name is no part of a title
        ("Zuberi, 24 years old, fixes engines", "fixes engines"),
        ("Zuberi (24) fixes engines", "fixes engines"),
        (
            "Hi, Ruby here! I code in Ruby.",
            "I code in Ruby.",
        ),  # the person goes, the language stays
        (
            "My friends call me Zuberi because Zuberi runs",
            "My friends call me because runs",
        ),  # introduced once, known everywhere
        ("I'm Li Wei, a student", "a student"),
        ("I do this. Best, Fatima", "I do this. Best,"),
        ("They call me Mr. Chidi at school", "They call me at school"),
        ("Emily's bakery and José's", "bakery and"),
        ("i'm fatima, i draw", "i draw"),
        ("Everybody knows Heather and Jack", "Everybody knows and"),
        ("(she/her) I paint", "I paint"),
        ("like a mother", "like a parent"),
        ("I am a girl who likes physics", "I am a person who likes physics"),
        ("I am a female engineer", "I am an engineer"),
        ("My teacher says she never gives up", "My teacher says they never give up"),
        (
            "He's got steady hands, and his drawings are his",
            "They've got steady hands, and their drawings are theirs",
        ),
        ("They trust her and her ideas", "They trust them and their ideas"),
        (
            "She is kind and brings her tea. He likes cats and dogs",
            "They are kind and bring their tea. They like cats and dogs",
        ),
    ],
)
def test_who_somebody_is_goes(text: str, expected: str) -> None:
    assert mask_person(text) == expected
    assert mask_person(expected) == expected, "twice is once"


@pytest.mark.parametrize(
    "text",
    [
        (
            "Why Don't I? The Mac is slow. Bill the customers and mark a rose. Frank talk, amber"
            " light."
        ),
        "I know Java, Ruby, Swift and Rust, and I use Julia with Jenkins",
        "I will mark the exam, may I? Grant me time, then I write a grant.",
        "I'm Dean of a small college",
        "I am Nurse and I work nights",
        "Nurse here, 20 years on wards. Start here before you worry",
        "I am Web Developer",
        "I'm Electrical Engineering student, and I build radios",
        "I am Licensed Practical Nurse and I like nights",
        "Nursing, 12 years. Then night shifts",
        "Welding, 5 years; carpentry, 3 years",
        "Python (5), SQL (3)",
        "I'm happy and I sing. I'm told I have the calmest voice",
        "women's health and a midwife; the men's team",
        "MS Project in Sao Paulo, Brittany or Paris",
        "them, their and they stay",
    ],
)
def test_skills_roles_places_and_words_stay(text: str) -> None:
    assert mask_person(text) == text


def test_a_name_of_the_list_or_of_none_is_the_same_person() -> None:
    """The same text for every name and every set of pronouns: no answer can differ."""
    said = (
        "My name is {}. My boss wrote that {} careful and that customers trust {}. As a {} of two I"
        " need regular hours."
    )
    sets = ("she is", "her", "mother"), ("he is", "him", "father"), ("they are", "them", "parent")
    assert (
        len(
            {
                mask_person(said.format(name, *words))
                for name in ("Fatima", "Emily", "Zuberi", "DeAndre", "Grace")
                for words in sets
            }
        )
        == 1
    )


@pytest.mark.parametrize(
    "text",
    [
        "Welding here! Welding is what I do best.",
        "Hootsuite here, but I love hootsuite",  # a word that is written small is no name
        "I am Kubernetes admin and I love Kubernetes.",
        "I'm Hootsuite certified, and I teach it",
        "I'm Waldorf-trained.",
        "I'm Duolingo mad.",
        "I am Hootsuite Administrator",
        "I am known as Photoshop guru",
    ],
)
def test_a_skill_introduces_nobody(text: str) -> None:
    assert mask_person(text) == text


def test_a_word_of_no_list_goes_only_where_it_introduces_somebody() -> None:
    assert mask_person("Hootsuite here! Hootsuite is what I do best.") == (
        "Hootsuite is what I do best."
    )
    assert mask_person("I am Xolani, ask Xolani") == "ask"
    assert mask_person("My name is Xolani. Trust Xolani.") == "Trust."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I showed {} how to weld", "I showed somebody how to weld"),
        ("My friend {} bakes", "My friend bakes"),
        ("a girl called {} asked me", "a person asked me"),
        ("as {} says, I am patient", "as somebody says, I am patient"),
        ("Yesterday {} and I fixed it", "Yesterday somebody and I fixed it"),
        ("I paint on {}'s birthday", "I paint on somebody's birthday"),
        ("I met {}.", "I met somebody."),
    ],
)
def test_a_name_of_no_list_goes_where_a_text_speaks_of_somebody(text: str, expected: str) -> None:
    for name in ("Xolani", "Oluwaseyi", "Þórdís", "Gwenaëlle", "Fatima", "DeShawn"):
        assert mask_person(text.format(name)) in (expected, expected.replace("somebody and", "and"))


@pytest.mark.parametrize(
    "thing", ["Photoshop", "Kotlin", "AutoCAD", "Godot", "Duolingo", "Unity3D"]
)
def test_a_thing_stays_there(thing: str) -> None:
    for text in (
        "I taught {} to kids and showed {} how it is.",
        "I told them that {} says no, and {} and I are friends.",
        "My boss asked for {}, I gave {} a try.",
    ):
        assert mask_person(text.format(thing, thing)).count(thing) == text.count("{}")


def test_titles_and_organisations_stay() -> None:
    for text in (
        "I helped Red Cross volunteers cook",
        "Nursing Assistant, Meeting Deadlines, Manager Customer Service",
        "a nurse in Manila who cooks, from Deloitte and I audit",
    ):
        assert mask_person(text) == text


def test_no_skill_of_the_default_data_is_lost() -> None:
    careers = load(None).careers.values()
    skills = {skill for career in careers for skill in career.skills}
    assert len(skills) > 500
    for skill in skills:
        for text in (
            f"I am {skill} certified. {skill} is what I do.",
            f"{skill} here! {skill} is what I do best.",
            f"I started with {skill} at school and learnt {skill} from a friend.",
            f"I taught {skill} to my friends, and together with {skill} I like this.",
        ):
            assert skill in mask_person(text), text


def test_no_name_is_in_two_lists() -> None:
    plain, capital, words = listed()
    assert len(plain | capital | words) == len(plain) + len(capital) + len(words)
    assert not person._no_names() & (plain | capital | words)
    assert not person._no_names() & {name.name.casefold() for name in names()}
    assert {"fatima", "lakisha", "piotr"} <= plain
    assert {"ruby", "dean", "may", "will", "grace"} <= words


# --------------------------------------------------------------------------------------------------


def test_serving_masks_what_training_masked(bundle_folder: Path) -> None:
    recommender = Recommender.load(bundle_folder)
    assert recommender.masks_person
    assert json.loads((bundle_folder / layout.METADATA).read_text())["masking"] == MASKING
    texts = [
        "I'm Fatima. My boss says she wires fuse boxes well.",
        "I'm Brad. My boss says he wires fuse boxes well.",
        "My boss says they wire fuse boxes well.",
    ]
    rows = recommender.probabilities(texts)
    np.testing.assert_allclose(rows, rows[[2, 2, 2]], atol=1e-6)


def test_quotes_are_the_persons_own_words(bundle_folder: Path) -> None:
    text = (
        "I'm Fatima, a mother of two, and I wire fuse boxes for my father; my teacher says she"
        " never met steadier hands."
    )
    answer = Recommender.load(bundle_folder).recommend(text, explain=True)
    quoted = [
        phrase for one in answer.careers for phrase in (*(one.because or ()), *(one.against or ()))
    ]
    assert quoted
    assert all(phrase in text for phrase in quoted)


def test_a_bundle_from_before_is_served_without_and_one_from_later_is_refused(
    bundle_folder: Path,
) -> None:
    opened = reader.read(bundle_folder)
    before = Recommender(
        replace(
            opened,
            metadata={key: value for key, value in opened.metadata.items() if key != "masking"},
        )
    )
    assert not before.masks_person
    one, two = before.probabilities(["I'm Fatima, I like bread", "I'm Brad, I like bread"])
    assert np.abs(one - two).max() > 0
    for other in (MASKING + 1, MASKING - 1, "1", True, None):
        with pytest.raises(
            BundleError,
            match=(
                rf"masks persons by rules of version .*, this version knows {MASKING}: train again"
            ),
        ):
            Recommender(replace(opened, metadata={**opened.metadata, "masking": other}))
