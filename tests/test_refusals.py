"""What a text plainly refuses is not read; what only looks like a refusal is."""

from __future__ import annotations

import re
import time
from importlib import resources
from pathlib import Path

import pytest

from vocation import Recommender
from vocation.serving.stances import listen
from vocation.text.clauses import clauses
from vocation.text.refusals import stances


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("I can't stand children. I like engines and oil.", "I like engines and oil."),
        ("I like engines and oil, but I hate the customers", "I like engines and oil,"),
        ("I quit nursing after ten years. Something with wood would be good.", "Something with"),
        ("I was a roofer until my knees gave out. I like maps.", "I like maps."),
        ("I am sick of spreadsheets, I want to bake bread", "I want to bake bread"),
        ("I don't want to work in an office", ""),
        ("I'd rather draw bridges than count other people's money.", "I'd rather draw bridges"),
        ("Manuals, page after page, I did that and never again. I bake bread.", "I bake"),
        ("My father wants me to become a lawyer, but I want to bake bread.", "but I want"),
        ("My sister is a nurse. She loves her ward. I want to bake bread.", "I want to bake"),
    ],
)
def test_plain_refusals_are_left_out(text: str, kept: str) -> None:
    assert listen(text).kept.startswith(kept)
    assert bool(listen(text).kept) is bool(kept)


@pytest.mark.parametrize(
    "text",
    [
        "I don't want to miss a single lesson, I love to teach",
        "I don't want anything but code",
        "I hate to stop when the bread is in the oven",
        "I quit my job to become a nurse",
        "I left the office for a kitchen, and I stay there",
        "My sister designs schools and I have applied to do the same",
        "I was bored until I got ill and met the nurses on my ward",
        "I used to hate mornings until I baked bread",
        "Blood doesn't scare me and I never get bored of night shifts",
        "I can't stand a mess in a kitchen",
        "Everybody says I can't cook for a living",
        "My brother says nobody reads footnotes",
        "Can't say I don't like it",
        "I never tire of numbers and tables",
        "Who can't stand a mess should work with me",
    ],
)
def test_what_only_looks_like_a_refusal_is_read(text: str) -> None:
    assert listen(text).kept == text


def test_each_family_of_the_table_finds_its_example() -> None:
    """And what only looks like a refusal is found before a refusal is."""
    table = resources.files("vocation.text") / "refusals.txt"
    examples = re.findall(r"^## (\w+): (.+)$", table.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(examples) > 10
    assert [(stances([example])[0], example) for _, example in examples] == examples


@pytest.mark.parametrize("piece", ["i hate it\n", "no, ", "i really ", "i am not really so ", "a"])
def test_long_texts_are_heard_in_time(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    begun = time.process_time()
    listen(text)
    assert time.process_time() - begun < 2, "the time must grow with the length, not its square"


def test_clauses_hold_every_word() -> None:
    text = (
        "I like wood; my dad (a joiner) says no - but I'd rather build chairs\nthan sell them. OK?"
    )
    found = [text[start:end] for start, end in clauses(text)]
    assert " ".join(" ".join(found).split()).replace(" ", "") == text.replace("\n", "").replace(
        " ", ""
    )
    assert len(found) == 3, "pieces of fewer than three words belong to a neighbour"


def test_answers_leave_out_what_is_refused(bundle_folder: Path) -> None:
    recommender = Recommender.load(bundle_folder)
    cars = "I repair car engines, brakes and gearboxes."
    alone, refusing = recommender.recommend([cars, f"I can't stand children. {cars}"])
    assert refusing.careers == alone.careers
    skill = alone.careers[0].skills_missing[0]
    named, loathed = recommender.recommend([f"{cars} {skill}.", f"{cars} I hate {skill}."])
    assert skill in named.careers[0].skills_held
    assert skill not in loathed.careers[0].skills_held
    only = recommender.recommend("I don't want to work with children", explain=True)
    assert (only.decision, only.reason_code, only.careers) == ("unsure", "refused", ())
    assert only.question


def test_a_person_can_put_right_how_a_clause_was_understood(bundle_folder: Path) -> None:
    """What they say of a clause goes before the rule, in both directions."""
    recommender = Recommender.load(bundle_folder)
    text = "I can't stand cars. I bake bread, and I cook for many guests."
    answer = recommender.recommend(text)
    assert [(one.stance, one.counts) for one in answer.clauses] == [
        ("refused", False),
        ("wanted", True),
        ("wanted", True),
    ]
    assert [text[one.start : one.end] for one in answer.clauses] == [
        one.text for one in answer.clauses
    ]
    chosen = recommender.recommend(text, stances={0: "wanted", 1: "other", 2: "other"})
    assert [one.counts for one in chosen.clauses] == [True, False, False]
    assert (
        chosen.careers == recommender.recommend("I can't stand cars.", stances={0: "can"}).careers
    )
    none = recommender.recommend(text, stances={1: "refused", 2: "other"})
    assert (none.reason_code, none.careers, len(none.clauses)) == ("refused", (), 3)
    deaf = recommender.recommend(text, hear=False)
    assert {one.stance for one in deaf.clauses} == {"neutral"}
    assert deaf.careers[0].confidence != answer.careers[0].confidence


@pytest.mark.parametrize(
    ("stances", "found"),
    [({1: "wanted"}, "found 1"), ({0: "love"}, "'love'"), ({"0": "can"}, "'0'")],
)
def test_unknown_clauses_and_stances_are_refused(
    bundle_folder: Path, stances: dict[int, str], found: str
) -> None:
    recommender = Recommender.load(bundle_folder)
    with pytest.raises(ValueError, match=found):
        recommender.recommend("I bake bread", stances=stances)
    with pytest.raises(TypeError, match="several"):
        recommender.recommend(["I bake bread"], stances=stances)  # type: ignore[call-overload]


def test_the_work_that_is_left_is_not_suggested(bundle_folder: Path) -> None:
    """Unless the text wants it after all, or the person says that it is not left."""
    recommender = Recommender.load(bundle_folder)
    nurse, rest = "Registered Nurse", "I care for the sick and give medicine to patients on a ward."

    def named(text: str, stances: dict[int, str] | None = None) -> set[str]:
        answer = recommender.recommend(text, top_k=64, stances=stances)
        return {one.career for one in answer.careers} | set(answer.prediction_set)

    assert nurse not in named(f"I quit nursing. {rest}")
    assert nurse not in named(f"I am a nurse. {rest}", {0: "left"})
    assert nurse in named(f"I quit nursing. {rest}", {0: "can"})
    assert nurse in named(f"I quit nursing. {rest} I want to be a nurse after all.")
    only = recommender.recommend(f"I quit nursing. {rest}", only=[nurse])
    assert (only.decision, only.reason_code, only.careers) == ("unsure", "unwanted", ())


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("hm", "I repair cars, engines and brakes"),  # too short
        ("I don't want to work in an office", "repair car engines"),  # no part of the refusal
        ("Ich arbeite gern mit den Händen und mit Menschen", "I repair cars, engines and brakes"),
        ("", "I repair cars, engines and brakes"),
    ],
)
def test_an_answer_to_the_question_counts_fully(
    bundle_folder: Path, text: str, answer: str
) -> None:
    recommender = Recommender.load(bundle_folder)
    assert recommender.recommend(text).decision == "unsure"
    found = recommender.recommend(text, answer=answer)
    assert (found.decision, found.careers[0].career) == ("match", "Automotive Technician")
    assert found.clauses[-1].counts
    refused = recommender.recommend(
        text, answer=answer, stances=dict.fromkeys(range(len(found.clauses)), "refused")
    )
    assert refused.reason_code == "refused"
    with pytest.raises(TypeError, match="several"):
        recommender.recommend([text], answer=answer)  # type: ignore[call-overload]
