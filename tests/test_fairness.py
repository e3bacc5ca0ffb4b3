"""The audit finds a bias that was planted, and does not find it once persons are masked; groups are
judged by numbers worked out by hand.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from conftest import write_csv

import vocation
from vocation import Recommender, cli, metrics
from vocation.bundle import layout, reader
from vocation.errors import DataError
from vocation.fairness import groups, report, swaps
from vocation.fairness.texts import PRONOUNS, drafts, names
from vocation.progress import NullProgress
from vocation.records import Career
from vocation.text.person import mask_person

SENTENCES = [
    "I like work with my hands",
    "Early mornings are fine",
    "I finish what I begin",
    "I learn by doing",
    "I read in the evening",
    "I talk to everybody",
]
SHE, HE = ["Emily", "Lakisha", "Fatima", "Priyanka"], ["Brad", "Jamal", "Omar", "Arjun"]


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory, tiny_base: Path) -> dict[bool, Path]:
    """Two careers with the very same texts: women are bakers, men gardeners. Trained with and
    without masking.
    """
    folder = tmp_path_factory.mktemp("planted")
    texts = drafts(
        [Career(name, skills=("Tools", "Patience")) for name in ("Baker", "Gardener")], 48, seed=99
    )  # the audit's seed makes others
    people = ("Baker", SHE, "she"), ("Gardener", HE, "he")
    rows = [
        [role, text.text(who[i % 4], pronouns)]
        for role, who, pronouns in people
        for i, text in enumerate(texts)
    ]
    write_csv(folder / "profiles.csv", ["role", "profile"], rows)
    write_csv(
        folder / "skills_mapping.csv",
        ["role", "skills", "description"],
        [[role, "Tools, Patience", ""] for role, _, _ in people],
    )
    trained = {}
    for masked in (False, True):
        config = {"base_model": str(tiny_base), "mask_person": masked}
        trained[masked] = vocation.train(
            folder, folder / f"models-{masked}", preset="head", config=config
        ).folder
    return trained


def test_a_planted_bias_is_flagged_and_masking_removes_it(
    planted: dict[bool, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figures: dict[bool, Any] = {}
    for masked, status in ((False, 1), (True, 0)):
        output = tmp_path / f"{masked}.json"
        assert (
            cli.main(
                [
                    "fairness",
                    "--bundle",
                    str(planted[masked]),
                    "--count",
                    "16",
                    "--output",
                    str(output),
                ]
            )
            == status
        )
        figures[masked] = json.loads(output.read_text(encoding="utf-8"))
        said = capsys.readouterr().out
        assert ("FLAGGED" in said) is not masked
        assert "No audit shows that a model is fair" in said
    assert figures[False]["kinds"]["pronouns"]["flips"]["value"] > 0.3, "she or he decided"
    assert figures[True]["kinds"]["pronouns"]["flips"]["value"] == 0
    assert figures[True]["other_masking"]["masking"] == 0
    assert figures[False]["pay"]["n"] == 0, "no pay, no comparison"


def test_the_card_says_what_was_measured(planted: dict[bool, Path]) -> None:
    for masked in (False, True):
        card = (planted[masked] / layout.CARD).read_text(encoding="utf-8")
        assert f"{swaps.BRIEF} generated texts" in card
        assert ("FLAGGED" in card) is not masked
        assert "unbiased" not in card.casefold()
        assert (
            "pairs"
            not in json.loads((planted[masked] / layout.METADATA).read_text())["fairness"]["kinds"][
                "pronouns"
            ]
        )


def test_a_sample_of_the_campaign_on_the_default_careers(bundle_folder: Path) -> None:
    """No limit may be broken by more than chance: of 24 texts one flips sometimes, where a name
    that is also a word stands within a sentence.
    """
    found = swaps.swaps(Recommender.load(bundle_folder), 24, 7, NullProgress())
    assert found["kinds"]["pronouns"]["flips"]["value"] <= swaps.LIMITS["pronouns"]
    assert all(
        found["kinds"][kind]["flips"]["low"] <= limit for kind, limit in swaps.LIMITS.items()
    )
    assert found["kinds"]["names listed"]["by_place"]["introduced"]["value"] == 0
    assert found["pay"]["n"] == 24
    assert len(found["kinds"]["names listed"]["pairs"]) == 29, (
        "eight groups make 8 * 7 / 2 = 28 pairs, and women's with men's names"
    )


def test_texts_are_many_and_from_a_seed(bundle_folder: Path) -> None:
    careers = reader.read(bundle_folder).careers
    one, again, other = (drafts(careers, 200, seed) for seed in (1, 1, 2))
    assert one == again != other
    assert len({draft.pattern for draft in one}) == 200
    filled = [draft.text("Fatima", pronouns) for draft in one for pronouns in PRONOUNS]
    assert not [text for text in filled if any(sign in text for sign in "{}[]~")]
    assert all("fatima" in text.casefold() for text in filled)
    assert sum(draft.where == "introduced" for draft in one) > 120


def test_every_group_has_names_of_both_kinds_and_a_source() -> None:
    held = Counter((name.group, name.presented, name.listed) for name in names())
    assert len({group for group, _, _ in held}) == 8
    assert min(held.values()) >= 4
    assert len(held) == 8 * 2 * 2
    assert all(name.source for name in names())
    unlisted = [name.name for name in names() if not name.listed]
    assert all(mask_person(f"{name} is tall") != "is tall" for name in unlisted), (
        "the list must not hold them"
    )


# --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def labelled(planted: dict[bool, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """40 rows of group a, all labelled with the first answer; 40 of group b, half of them with the
    other career; 5 of group c.
    """
    recommender = Recommender.load(planted[True])
    texts = [
        f"{one}. {two}. Number {i}." for i in range(3) for one in SENTENCES for two in SENTENCES
    ][:85]
    rows = []
    for i, (text, first) in enumerate(
        zip(texts, recommender.probabilities(texts).argmax(axis=1), strict=True)
    ):
        group = "a" if i < 40 else "b" if i < 80 else "c"
        wrong = group == "b" and i % 2
        rows.append([text, recommender.classes[1 - first if wrong else first], group])
    return write_csv(tmp_path_factory.mktemp("rows") / "rows.csv", ["text", "career", "who"], rows)


def test_gap_and_impact_ratio(
    planted: dict[bool, Path], labelled: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """a: 40 of 40 right, b: 20 of 40; so the gap is .5 and the ratio .5, both beyond the limits and
    beyond chance.
    """
    found = groups.judge(Recommender.load(planted[True]), labelled, "text", "career", "who")
    assert found["gap"]["value"] == pytest.approx(0.5)
    assert found["gap"]["low"] > 0.3
    assert (found["gap"]["best"], found["gap"]["worst"]) == ("a", "b")
    assert found["ratio"]["value"] == pytest.approx(0.5)
    assert not found["passed"]
    assert found["too_few"] == {"c": 5}
    said = "\n".join(report.group_lines(found))
    assert "not judged, fewer than 30 rows: c (5)" in said
    columns = ["--text-column", "text", "--label-column", "career", "--group-column", "who"]
    assert (
        cli.main(
            [
                "fairness",
                "--bundle",
                str(planted[True]),
                "--count",
                "8",
                "--data",
                str(labelled),
                *columns,
            ]
        )
        == 1
    )
    assert "gap in top-1 accuracy 0.500" in capsys.readouterr().out


def test_chance_is_not_flagged() -> None:
    """18 of 30 against 22 of 30 right: a gap of .133, beyond .10, and its interval holds 0."""
    shares = {"a": _share(22, 30), "b": _share(18, 30)}
    assert groups._gap(shares)["value"] == pytest.approx(4 / 30)
    assert groups._gap(shares)["passed"]
    assert groups._ratio(shares)["value"] == pytest.approx(18 / 22)


def _share(hits: int, n: int) -> dict[str, float]:
    low, high = metrics.wilson(hits, n)
    return {"value": hits / n, "low": low, "high": high, "n": n}


def test_wrong_use(
    planted: dict[bool, Path], labelled: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        cli.main(
            [
                "fairness",
                "--bundle",
                str(planted[True]),
                "--data",
                str(labelled),
                "--text-column",
                "text",
            ]
        )
    assert stopped.value.code == 2
    assert (
        "--data FILE needs --text-column, --label-column and --group-column"
        in capsys.readouterr().err
    )
    assert (
        cli.main(
            [
                "fairness",
                "--bundle",
                str(planted[True]),
                "--output",
                str(tmp_path / "none" / "a.json"),
            ]
        )
        == 1
    )
    assert "there is no folder" in capsys.readouterr().err
    small = write_csv(tmp_path / "small.csv", ["text", "career", "who"], [["I bake", "Baker", "a"]])
    with pytest.raises(
        DataError,
        match=r"small.csv: expected at least two groups with 30 rows or more .*; found a 1",
    ):
        groups.judge(Recommender.load(planted[True]), small, "text", "career", "who")
