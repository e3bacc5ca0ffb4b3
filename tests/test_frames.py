"""DataFrames as data, to score and to measure on; missing values; what notebooks show."""

from __future__ import annotations

import json
from importlib import metadata, util
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas
import pytest
from conftest import TINY

import vocation
from vocation import install
from vocation.config import TrainConfig
from vocation.data.dataset import load
from vocation.errors import DataError, MissingExtra
from vocation.records import Recommendation, Suggestion
from vocation.serving import batch
from vocation.serving.decisions import Decision, Named

ROWS = [(role, text) for role, texts in TINY.items() for text in texts]
NOTHING = [None, float("nan"), pandas.NA, pandas.NaT, np.float32("nan")]


def people(*names: str) -> pandas.DataFrame:
    return pandas.DataFrame(ROWS, columns=list(names))


# --- data -----------------------------------------------------------------------------------------


def test_a_frame_is_read_as_the_file_with_its_rows(tiny_data: Path) -> None:
    files = load(tiny_data)
    profiles, skills = (
        pandas.read_csv(tiny_data / name) for name in ("profiles.csv", "skills_mapping.csv")
    )
    for given in (
        {"profiles": profiles, "skills": skills},
        {"skills_mapping.csv": skills, "profiles.csv": profiles},
        [profiles, skills],
        [skills, tiny_data / "profiles.csv"],
    ):
        data = load(given)
        assert data.fingerprint == files.fingerprint
        assert data.careers == files.careers
    # Any two columns: the longer texts are the profiles.
    assert load(people("Category", "Resume")[["Resume", "Category"]]).roles == files.roles
    named = people("Category", "Resume").assign(year=2020)
    assert load(named, columns={"role": "Category", "profile": "Resume"}).roles == files.roles


def test_rows_are_named_by_their_number_and_checked_as_in_a_file() -> None:
    frame = people("role", "profile").astype(object)
    frame.index = ["ann@example.org"] * len(frame)
    for place, nothing in enumerate(NOTHING[:3]):
        frame.iloc[place, 1] = nothing
    frame.iloc[5, 1] = frame.iloc[4, 1]
    report = load(frame).report
    assert [str(drop) for drop in report.dropped] == [
        f"DataFrame, row {number}: the column 'profile' is empty" for number in (1, 2, 3)
    ]
    assert [str(one) for one in report.merged] == [
        "DataFrame, row 6 repeats DataFrame, row 5 (1.00, Baker)"
    ]
    assert "example.org" not in str(report)


def test_lists_in_cells_are_lists_of_skills() -> None:
    skills = pandas.DataFrame(
        {
            "role": ["Baker", "Nurse"],
            "skills": [["Kneading", "Ovens"], None],
            "description": ["", "x"],
        }
    )
    data = load({"skills": skills})
    assert data.careers["Baker"].skills == ("Kneading", "Ovens")
    assert data.careers["Nurse"].skills == ()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (pandas.DataFrame({"a": ["x"], "b": ["y"], "c": ["z"]}), "found a, b, c"),
        ({"qa": people("role", "profile")}, "columns role, question, answer; found role, profile"),
        ({"qq": people("role", "profile")}, "expected a kind of table .*found 'qq'"),
        ({"qa": "career_qa.csv"}, "'qa': expected a DataFrame, found str"),
        ({}, "found none"),
        (people("role", "profile")[:0], "no rows"),
        (pandas.Series(["x"]), "found pandas.*Series"),
        (5, "found builtins.int"),
    ],
)
def test_what_cannot_be_read_is_told(given: Any, told: str) -> None:
    with pytest.raises(DataError, match=told):
        load(given)


def test_what_is_written_as_a_table_is_read_back_as_it_was() -> None:
    data = load(limit=300)
    table = data.frame(cells=True)
    again = load(table)
    assert (again.fingerprint, again.careers.keys()) == (data.fingerprint, data.careers.keys())
    assert again.careers[data.roles[0]].skills == data.careers[data.roles[0]].skills
    # A row that was edited is read by its text, and no other is.
    table.loc[7, "text"] = "I sharpen scissors for tailors"
    edited = [row for row in load(table).rows if row.source == "profiles"]
    assert [(row.line, row.cells["profile"]) for row in edited] == [
        (8, "I sharpen scissors for tailors")
    ]


# --- augmented frames -----------------------------------------------------------------------------


def test_variants_are_learnt_with_their_row_alone() -> None:
    frame = vocation.augment_data(people("role", "profile"), "synonym", 1.5)
    plain = load(people("role", "profile"))
    shuffled = frame.sample(frac=1, random_state=1)
    for given in (frame, shuffled):
        data = load(given)
        assert sorted(data.texts) == sorted(plain.texts)  # no variant is a row, to test on
        assert len(data.variants) == 12
        assert data.fingerprint != plain.fingerprint
        made = {cell: text for cell, text in zip(frame.origin, frame.profile, strict=True) if cell}
        originals = {text: frame.profile[int(cell.split(":")[0])] for cell, text in made.items()}
        assert {text: data.texts[row] for row, text in data.variants} == originals
    # Where the original is gone, nothing is known of what the text repeats.
    origin = str(frame.origin.iloc[-1])
    left = frame.drop(index=int(origin.split(":")[0]))
    lost = [number for number, cell in enumerate(left.origin, 1) if cell == origin]
    assert lost
    assert [str(drop) for drop in load(left).report.dropped] == [
        f"DataFrame, row {number}: the row that it rephrases ({origin}) is not there"
        for number in lost
    ]


def test_columns_that_augment_data_was_told_are_read_by_training() -> None:
    frame = people("who", "says").assign(year=2020)
    made = vocation.augment_data(frame, "synonym", 1.5, text_column="says", label_column="who")
    data = load(made)
    assert data.roles == tuple(sorted(TINY))
    assert len(data.variants) == 12


def test_an_origin_of_the_users_is_only_a_column() -> None:
    assert len(load(people("role", "profile").assign(origin="France")).rows) == len(ROWS)


def test_given_variants_are_examples_of_their_rows() -> None:
    examples = pytest.importorskip("vocation.training.examples")
    data = load(vocation.augment_data(people("role", "profile"), "synonym", 1.5))
    extra, _ = examples.extra_examples(data, TrainConfig())
    assert list(extra.rows[:12]) == [row for row, _ in data.variants]
    assert list(extra.labels[:12]) == [data.labels[row] for row, _ in data.variants]


def test_the_guides_flow_trains_and_answers(tmp_path: Path) -> None:
    merged = load(people("role", "profile")).frame()
    augmented = vocation.augment_data(merged, method="paraphrase", factor=2)
    augmented = vocation.augment_data(merged, method="synonym", factor=1.5)
    config = {"num_epochs": 2, "min_steps": 40}
    result = vocation.train(augmented, tmp_path / "models", preset="head", config=config)
    assert result.metadata["dataset"]["rows"] == len(ROWS)
    recommender = vocation.Recommender.load(result.folder)
    texts = pandas.Series(["I bake bread and rolls", None], index=["b", "b"])

    # scikit-learn's words
    shares = recommender.predict_proba(texts)
    assert shares.shape == (2, 4)
    assert list(recommender.classes_) == list(recommender.classes) == sorted(TINY)
    assert list(recommender.predict(texts)) == list(recommender.classes_[shares.argmax(axis=1)])
    assert recommender.predict(texts)[0] == "Baker"
    assert recommender.predict([]).shape == (0,)

    # missing values
    for nothing in NOTHING:
        assert recommender.recommend(nothing).reason_code == "empty"
        assert recommender.skills(nothing) == ()
        assert recommender.pay(nothing, "Baker") is None
    assert [one.reason_code == "empty" for one in recommender.recommend(texts)] == [False, True]
    assert len(recommender.skills(texts)) == 2
    left_out = recommender.recommend("I bake", exclude=pandas.Series(["Baker", None]))
    assert "Baker" not in [one.career for one in left_out.careers]

    assert repr(recommender).startswith("<Recommender of 4 careers: accuracy ")
    assert "<td" in recommender._repr_html_()


# --- scoring --------------------------------------------------------------------------------------


class Echo:
    """Answers with the text as the career; an empty one is unsure, without a career."""

    classes = ("Baker", "Nurse")
    metadata = {"calibration": {"set_threshold": 0.9}}  # noqa: RUF012

    def decide(self, texts: list[str], top_k: int) -> list[Decision]:
        return [
            Decision("match", careers=(Named(text, 0.5),)) if text else Decision("unsure", "empty")
            for text in texts
        ]

    def probabilities(self, texts: list[str]) -> np.ndarray[Any, Any]:
        return np.array([[0.9, 0.1] if "bread" in text else [0.1, 0.9] for text in texts])


def test_scoring_adds_columns_and_changes_nothing_else(tmp_path: Path) -> None:
    frame = pandas.DataFrame(
        {"about": ["bread", None, pandas.NA, "wards"], 5: [1.5, None, 3, 4]},
        index=["a", "b", "b", "c"],
    ).astype({"about": "category"})
    before = frame.copy()
    # A number as the name of a column, as frames have them.
    result = batch.score(frame, text_column="about", recommender=Echo(), top_k=1)  # type: ignore[arg-type]
    pandas.testing.assert_frame_equal(frame, before)
    pandas.testing.assert_frame_equal(result[["about", 5]], before)
    added = ["decision", "career_1", "confidence_1", "reason_code", "directions"]
    assert list(result.columns[2:]) == added
    assert list(result.decision) == ["match", "unsure", "unsure", "match"]
    assert list(result.career_1.fillna("")) == ["bread", "", "", "wards"]
    assert result.confidence_1.dtype == float
    assert list(result.confidence_1.isna()) == [False, True, True, False]

    alone = batch.score(frame["about"], recommender=Echo(), top_k=1)  # type: ignore[arg-type]
    assert list(alone.index) == list("abbc")
    none = batch.score(frame[:0], text_column="about", recommender=Echo(), top_k=1)  # type: ignore[arg-type]
    assert (len(none), none.confidence_1.dtype) == (0, float)

    output = tmp_path / "out.csv"
    report = batch.score(frame, output, "about", Echo(), top_k=1)  # type: ignore[arg-type]
    assert report.decisions == {"match": 2, "unsure": 2, "help": 0, "error": 0}
    lines = output.read_text("utf-8").splitlines()
    assert lines[:2] == [
        "about,5,decision,career_1,confidence_1,reason_code,directions",
        "bread,1.5,match,bread,0.5,,",
    ]
    # Of a file without an output the same table is returned.
    source = tmp_path / "people.csv"
    source.write_text("about\nbread\n", "utf-8")
    read = batch.score(source, text_column="about", recommender=Echo(), top_k=1)  # type: ignore[arg-type]
    assert read.iloc[0, :4].tolist() == ["bread", "match", "bread", 0.5]


def test_measuring_takes_a_frame_as_its_file(tmp_path: Path) -> None:
    frame = pandas.DataFrame(
        {"text": ["bread", "wards", "bread", None], "career": ["baker", "Nurse", "Nurse", "Nurse"]}
    )
    frame.to_csv(tmp_path / "test.csv", index=False)
    file = batch.evaluate(tmp_path / "test.csv", "text", "career", Echo())  # type: ignore[arg-type]
    assert batch.evaluate(frame, recommender=Echo()) == file  # type: ignore[arg-type]
    assert (file["rows"], file["judged"]) == (4, 3)
    assert file["unmasked"]["accuracy"]["value"] == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"text_column": "abuot"}, "expected a column 'abuot'; found 'about', 'decision'"),
        ({}, "expected one of the columns text, .*Name yours by text_column"),
        ({"text_column": "about"}, "already has a column 'decision'"),
    ],
)
def test_columns_that_are_missing_or_there_are_told(arguments: Any, told: str) -> None:
    frame = pandas.DataFrame({"about": ["bread"], "decision": ["mine"]})
    with pytest.raises(DataError, match=told):
        batch.score(frame, recommender=Echo(), **arguments)  # type: ignore[arg-type]


# --- what is shown and said -----------------------------------------------------------------------


def test_html_is_escaped() -> None:
    evil = "<script>alert(1)</script>"
    answer = Recommendation(
        "match", evil, (Suggestion(evil, 0.7, evil, (), (evil,), about=evil),), question=evil
    )
    # Tags are no text in a table; what is left of one is.
    frame = people("role", "profile").replace("Baker", "Baker <3")
    data = load(pandas.concat([frame, frame.replace("Baker <3", "BAKER <3")]))
    for html, shown in ((answer._repr_html_(), "&lt;script&gt;"), (data._repr_html_(), "&lt;3")):
        assert "<script" not in html
        assert "<3" not in html
        assert shown in html
    assert len(repr(load(frame))) < 200  # not all rows


CPU = "pip install torch --index-url https://download.pytorch.org/whl/cpu  and then  "


@pytest.mark.parametrize(
    ("origin", "command"),
    [
        (None, 'pip install "vocation[train]"'),
        (
            {"url": "file:///home/a%20b/vocation", "dir_info": {"editable": True}},
            'pip install -e "/home/a b/vocation[train]"',
        ),
        ({"url": "file:///home/vocation", "dir_info": {}}, 'pip install "/home/vocation[train]"'),
        (
            {"url": "file:///tmp/vocation-0.1.0-py3-none-any.whl", "archive_info": {}},
            'pip install "vocation[train] @ file:///tmp/vocation-0.1.0-py3-none-any.whl"',
        ),
        (
            {"url": "https://example.org/v", "vcs_info": {"vcs": "git", "commit_id": "abc"}},
            'pip install "vocation[train] @ git+https://example.org/v@abc"',
        ),
    ],
)
def test_a_missing_extra_is_installed_by_what_works_here(
    origin: Any, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted = None if origin is None else json.dumps(origin)
    found = SimpleNamespace(read_text=lambda name: noted)
    monkeypatch.setattr(metadata, "distribution", lambda name: found)
    for torch, gpu, wanted in (
        (True, False, command),
        (False, True, command),
        (False, False, CPU + command),
    ):
        monkeypatch.setattr(util, "find_spec", lambda name, torch=torch: torch or None)
        monkeypatch.setattr(install, "_has_cuda_or_metal", lambda gpu=gpu: gpu)
        assert str(MissingExtra("training", "train")).endswith(f"run  {wanted}")
    assert CPU not in str(MissingExtra("the web page", "app"))
