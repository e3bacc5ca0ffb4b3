"""Augmentation: variants keep names, numbers and negations; a generator of the user's; balance."""

from __future__ import annotations

import json
import random
import threading
import urllib.request
import warnings
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest
from conftest import TINY

import vocation
from vocation import TrainConfig, VocationError, augment_data
from vocation.augment import LEAST_COSINE, generator, lexicon
from vocation.augment.guard import Guard, with_article
from vocation.augment.paraphrase import paraphrase
from vocation.data import dataset
from vocation.progress import NullProgress

SAID = [
    (
        "Baker",
        (
            "I love baking bread and cakes. I get up at four because the oven takes 3 hours. I want"
            " to run a small shop."
        ),
    ),
    (
        "Programmer",
        (
            "I like to fix bugs in C++, C# and node.js. I know machine learning and .NET, and I"
            " want to build things."
        ),
    ),
    (
        "Nurse",
        (
            "I don't enjoy offices. I would like to help people when they are ill. I never leave a"
            " patient alone."
        ),
    ),
    (
        "Social Worker",
        (
            "As a social worker I often help kids with difficult problems. I stay calm when"
            " somebody shouts."
        ),
    ),
]


def frame() -> pandas.DataFrame:
    """Four rows with columns of several types and an index that is not 0, 1, 2, 3."""
    table = pandas.DataFrame(SAID, columns=["role", "text"], index=[7, 3, 3, 9])
    return table.assign(
        year=[2020, 2021, 2022, 2023], source=pandas.Categorical(["qa", "qa", "jobs", "books"])
    )


@pytest.mark.parametrize(
    ("method", "factor"),
    [("paraphrase", 2), ("synonym", 1.5), ("all", 2), ("all", 2.6), ("synonym", 1)],
)
def test_the_guides_calls_give_the_rows_they_promise(method: str, factor: float) -> None:
    before = frame()
    after = augment_data(before, method=method, factor=factor)
    assert len(after) == int(4 * factor + 0.5)  # 8, 6, 8, 10 (10.4 rounded), 4
    pandas.testing.assert_frame_equal(before, frame())  # not changed in place
    pandas.testing.assert_frame_equal(
        after.iloc[:4].drop(columns="origin"), before.reset_index(drop=True), check_dtype=False
    )
    assert list(after.columns) == ["role", "text", "year", "source", "origin"]
    assert list(after.origin[:4]) == [""] * 4
    assert after.year.dtype == before.year.dtype
    for _, row in after.iloc[4:].iterrows():
        number, made_by = row.origin.split(":")
        original = before.iloc[int(number)]
        assert set(made_by.split("+")) <= {"paraphrase", "synonym"}
        assert row.text != original.text
        assert (row.role, row.year, row.source) == (original.role, original.year, original.source)


def test_the_same_seed_gives_the_same_rows_and_another_seed_others() -> None:
    one, same, other = (augment_data(frame(), "all", 3, seed=seed) for seed in (1, 1, 2))
    pandas.testing.assert_frame_equal(one, same)
    assert set(one.text[4:]) != set(other.text[4:])


def test_names_numbers_and_denials_stay() -> None:
    table = augment_data(frame(), "all", 12)
    assert len(table) >= 40
    must = {
        "Baker": ["four", "3"],
        "Programmer": ["C++", "C#", "node.js", "machine learning", ".NET"],
        "Nurse": ["I don't enjoy offices", "I never leave a patient alone"],
        "Social Worker": ["social worker"],
    }
    for role, text in zip(table.role, table.text, strict=True):
        for name in must[role]:
            assert text.count(name) == 1, f"{name!r} is not in {text!r}"


def test_the_merged_data_are_augmented_without_a_copy_of_what_is_there() -> None:
    data = dataset.load(limit=128).frame()
    table = augment_data(data, "all", 1.5)
    assert len(table) == 192
    assert table.text.nunique() == 192
    assert set(table.columns) == {*data.columns, "origin"}
    assert (
        table.role[128:].nunique() >= 40
        # of 64 roles with two long texts each; where a text gives nothing, another role gets its
        # turn
    )
    # a maker may save the table and train on it: nothing of it is merged away again
    keep, *_ = generator.find_duplicates(
        list(table.text),
        table.role.astype("category").cat.codes.to_numpy(np.int64),
        sorted(set(table.role)),
    )
    assert (keep[128:] == np.arange(128, 192)).all()


def test_where_no_more_can_be_said_one_warning_counts_it() -> None:
    short = pandas.DataFrame(
        {"role": ["Baker", "Nurse"], "text": ["bread", "I help people at night"]}
    )
    with pytest.warns(UserWarning, match=r"augment_data: \d+ of 198 new rows were made") as caught:
        table = augment_data(short, "all", 100)
    assert len(caught) == 1
    account = table.attrs["augmentation"]
    assert account["asked"] == 198
    assert account["made"] == len(table) - 2 == sum(account["by_method"].values()) < 198
    assert "bread" not in set(table.text[2:])  # nothing can be said otherwise of one word


def test_meaning_is_asked_of_the_callable_that_was_given() -> None:
    asked: list[str] = []

    def encode(texts: Sequence[str]) -> Any:
        """A text that still says "love" points right, any other one up."""
        asked.extend(texts)
        return np.array([[1.0, 0.0] if "love" in text else [0.0, 1.0] for text in texts])

    table = pandas.DataFrame(SAID[:1], columns=["role", "text"])
    new = augment_data(table, "synonym", 4, encode=encode).text[1:]
    assert len(new)
    assert all("love" in text for text in new)
    assert any("love" not in text for text in asked)  # variants without it were made, and refused

    with pytest.raises(
        VocationError,
        match=(
            r"encode must give one vector of numbers for each of 1 texts, found an array of shape"
            r" \(2,\)"
        ),
    ):
        augment_data(table, encode=lambda texts: np.zeros(2))


def test_the_floor_lets_our_variants_through_and_other_texts_not() -> None:
    """The figures that stand beside LEAST_COSINE, on a sample."""
    pytest.importorskip("sentence_transformers")
    from sentence_transformers import SentenceTransformer

    from vocation.training.encoder import base_models

    encoder = SentenceTransformer(
        str(base_models.resolve(base_models.DEFAULT)), device="cpu", local_files_only=True
    )
    rows = [(role, text) for role, texts in TINY.items() for text in texts]
    table = pandas.DataFrame(rows, columns=["role", "text"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        account = augment_data(table, "all", 2, encode=encoder.encode).attrs["augmentation"]
    assert account["refused_meaning"] <= 0.05 * account["made"]
    vectors = generator.unit(encoder.encode(list(table.text)), len(table))
    cosines = vectors @ vectors.T
    assert cosines[~np.eye(len(table), dtype=bool)].max() < LEAST_COSINE


# --------------------------------------------------------------------------------------------------


def test_the_guides_snippet_balances() -> None:
    imblearn = pytest.importorskip("imblearn.over_sampling")
    X, y = np.arange(10).reshape(-1, 1), np.array(["Baker"] * 8 + ["Nurse"] * 2)  # noqa: N806 (the guide's names)
    ros = imblearn.RandomOverSampler(random_state=42)
    X_resampled, y_resampled = ros.fit_resample(X, y)  # noqa: N806
    assert len(X_resampled) == 16
    assert (y_resampled == "Nurse").sum() == 8


def test_variants_are_learnt_with_their_row_only() -> None:
    lessons = pytest.importorskip("vocation.training.examples")
    labels, named = np.array([0, 0, 1, 1]), np.array([False, True, False, False])
    further = lessons.ExtraExamples(
        rows=np.array([0, 1, 1, 3, -1]),
        labels=np.array([0, 0, 0, 1, 1]),
        texts=("a", "b", "c", "d", "a career's name"),
    )
    lesson = further.examples(np.array([1, 2]), labels, named)
    assert lesson.masked.tolist() == [1, 2]
    assert lesson.plain.tolist() == [1]
    assert lesson.variants.tolist() == [
        1,
        2,
        4,
    ]  # both of row 1, and what belongs to no row; row 0 and row 3 are held out
    assert lesson.labels.tolist() == [0, 1, 0, 0, 0, 1]
    assert further.examples(np.array([1, 2]), labels, named, names=False).variants.tolist() == [
        1,
        2,
    ]


def test_oversampling_draws_rare_careers_again_and_never_a_held_out_row() -> None:
    lessons = pytest.importorskip("vocation.training.examples")
    labels, named = np.array([0, 0, 0, 1, 1]), np.zeros(5, bool)
    further = lessons.ExtraExamples(
        rows=np.array([3, 4]), labels=np.array([1, 1]), texts=("a", "b"), oversample=True, seed=1
    )
    lesson = further.examples(
        np.array([0, 1, 2, 3]), labels, named
    )  # row 4 is held out: three examples of career 0, row 3 and its variant of career 1
    assert np.bincount(lesson.labels).tolist() == [3, 3]
    assert set(lesson.masked) == {0, 1, 2, 3}
    assert set(lesson.variants) == {0}
    assert len(lesson.masked) + len(lesson.variants) == 6
    assert lesson.labels.tolist() == [
        *labels[lesson.masked],
        *labels[further.rows[lesson.variants]],
    ]
    # eight of one, two of the other: weights of 10/16 and 10/4, so that each career has 5 in all
    assert lessons.class_weights([0] * 8 + [1] * 2, 3).tolist() == [0.625, 2.5, 1.0]


def test_no_variant_is_nearly_a_row_that_may_be_held_out() -> None:
    lessons = pytest.importorskip("vocation.training.examples")
    data = dataset.load(limit=192)
    further, account = lessons.extra_examples(data, TrainConfig(augment="all", augment_factor=1.5))
    assert account.made == (further.rows >= 0).sum() == 96
    texts, of = (
        [*data.texts, *further.texts[:96]],
        [*data.labels, *further.labels[:96]],
    )  # behind them the names of the careers
    _, _, _, groups, _ = generator.find_duplicates(texts, np.array(of), data.roles)
    for row, group in zip(further.rows[:96], groups[192:], strict=True):
        others = set(np.flatnonzero(groups[:192] == group)) - set(
            np.flatnonzero(data.groups == data.groups[row])
        )
        assert not others


@pytest.mark.parametrize(("augment", "balance"), [("all", "oversample"), ("synonym", "weights")])
def test_training_with_augmentation_and_balance(
    tiny_data: Path, tmp_path: Path, augment: str, balance: str
) -> None:
    said: list[str] = []

    class Said(NullProgress):
        def line(self, text: str = "") -> None:
            said.append(text)

    config = {
        "augment": augment,
        "balance": balance,
        "augment_factor": 1.5,
        "min_steps": 40,
        "num_epochs": 2,
    }
    result = vocation.train(
        tiny_data, tmp_path / "models", preset="head", config=config, progress=Said()
    )
    account = result.metadata["dataset"]["augmented"]
    assert account["asked"] == 14  # half of 28 rows
    assert 0 < account["made"] <= 14
    assert any(f"{account['made']} of 14 new texts" in line for line in said)
    assert (
        vocation.Recommender.load(result.folder)
        .recommend("I bake bread and rolls")
        .careers[0]
        .career
        == "Baker"
    )


def test_impossible_training_settings_are_named() -> None:
    with pytest.raises(
        VocationError,
        match=r"augment must be one of .* found 'both'; balance must be one of .* found 'yes'",
    ):
        TrainConfig(augment="both", balance="yes")
    with pytest.raises(
        VocationError, match="augment_factor must be a number from 1 to 20, found 0"
    ):
        TrainConfig(augment_factor=0)


# --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"method": "synonyms"},
            "method must be one of paraphrase, synonym, all, found 'synonyms'",
        ),
        (
            {"factor": 0.5},
            r"factor must be a number from 1 to 100 \(2 doubles the rows\), found 0.5",
        ),
        ({"factor": float("nan")}, "factor must be a number from 1 to 100"),
        ({"seed": "x"}, "seed must be a whole number, found 'x'"),
        (
            {"text_column": "words"},
            (
                r"expected a column with the text \('words'\); found role, text, year, source: name"
                r" it by text_column"
            ),
        ),
    ],
)
def test_impossible_settings_are_named(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(VocationError, match=message):
        augment_data(frame(), **settings)


def test_frames_that_cannot_be_used_are_named() -> None:
    with pytest.raises(
        VocationError, match=r"expected a column with the label \(one of role, career"
    ):
        augment_data(frame().drop(columns="role"))
    with pytest.raises(VocationError, match="expects a pandas DataFrame, found list"):
        augment_data([("Baker", "I bake")])  # type: ignore[arg-type]
    with pytest.raises(VocationError, match="has a column 'origin' already"):
        augment_data(augment_data(frame()))
    with pytest.raises(VocationError, match=r"several columns of one name \(text\)"):
        augment_data(pandas.concat([frame(), frame()[["text"]]], axis=1))
    with pytest.raises(
        VocationError, match="expected texts in the column 'text'; found none in 2 rows"
    ):
        augment_data(pandas.DataFrame({"role": ["Baker", "Nurse"], "text": [None, 3.5]}))


def test_another_language_is_left_alone() -> None:
    german = (
        "Ich arbeite gern im Team und helfe den Kindern, und ich bin in meinem Job sehr geduldig"
        " und auch pünktlich."
    )
    with pytest.warns(UserWarning, match="0 of 1 new rows"):
        assert (
            len(augment_data(pandas.DataFrame({"role": ["Teacher"], "text": [german]}), "all")) == 1
        )


@pytest.mark.parametrize("missing", [None, float("nan"), pandas.NA, pandas.NaT])
def test_empty_cells_are_left_alone(missing: Any) -> None:
    table = pandas.DataFrame(
        {
            "Career": ["Baker", missing, "Nurse"],
            "Text": [SAID[0][1], "I want to help people because I like them.", missing],
        }
    )
    after = augment_data(table, "all", 2)
    assert len(after) == 6
    assert {origin.split(":")[0] for origin in after.origin[3:]} == {"0", "1"}


# --------------------------------------------------------------------------------------------------


def test_the_lexicon_is_large_and_every_form_has_its_counterpart() -> None:
    forms = lexicon.entries()
    assert len(forms) > 1500
    for form, entries in forms.items():
        for entry in entries:
            assert entry.kind in lexicon._RULES
            assert form not in [other.lower() for other in entry.instead], (
                f"{form!r} stands for itself"
            )


@pytest.mark.parametrize(
    ("text", "possible"),
    [
        ("She repairs engines", {"She fixes engines", "She mends engines"}),  # the form of the verb
        ("They repaired it", {"They fixed it", "They mended it"}),
        ("My hobby is chess", {"My pastime is chess"}),
        (
            "An important hobby",
            {"A significant hobby", "An important pastime", "A significant pastime"},
        ),  # a and an
        ("Kids are kind", {"Children are kind"}),  # the capital
        (
            "i love tea",
            {"i adore tea", "i really enjoy tea", "i really like tea"},
        ),  # and its absence
        ("I love to sing", {"I like to sing"}),  # never "I adore to sing"
        ("the building is tall", set()),  # not the verb "to build"
        ("the job market", set()),  # a noun before a noun
        ("I don't repair cars", set()),  # denied
        ("KIDS draw", set()),  # shouted: might be a name
    ],
)
def test_words_are_swapped_only_where_the_grammar_survives(text: str, possible: set[str]) -> None:
    guard = Guard([])
    found = {lexicon.swap(text, guard, random.Random(seed)) for seed in range(40)} - {text}
    assert found == possible


@pytest.mark.parametrize(
    ("text", "one"),
    [
        ("I smile when the bread rises.", "When the bread rises, I smile."),
        (
            "Because my aunt is a nurse, I know the wards.",
            "I know the wards because my aunt is a nurse.",
        ),
        ("I like chess and football.", "Football and chess are what I like."),
        ("I love baking bread.", "Baking bread is what I love."),
        ("I want to build bridges.", "What I want is to build bridges."),
        ("I bake bread every morning.", "Every morning I bake bread."),
        ("I am good with numbers.", "I'm good with numbers."),
        ("soil, seeds, roses", "roses, soil, seeds"),
        ("It is useful to know SQL.", "To know SQL is useful."),
        ("What does a baker do?", "What is the job of a baker?"),
        ("I bake at night. I sell at noon.", "I bake at night, and I sell at noon."),
    ],
)
def test_clauses_are_turned(text: str, one: str) -> None:
    assert one in {paraphrase(text, Guard([]), random.Random(seed)) for seed in range(400)}


@pytest.mark.parametrize(
    "text",
    [
        "I never sing because the walls are thin.",
        "Not for me.",
        "Bread!",
        "They don't know when I come.",
    ],
)
def test_what_is_denied_is_not_turned(text: str) -> None:
    assert {paraphrase(text, Guard([]), random.Random(seed)) for seed in range(50)} == {text}


def test_the_guard_sees_what_a_text_must_keep() -> None:
    guard = Guard(["machine learning", "Data Scientist"])
    said = "I know C++ and machine learning, not Java, since 2019"
    assert guard.kept(said, "Since 2019 I know machine learning and C++, not Java")
    for broken in (
        "I know C and machine learning, not Java, since 2019",
        "I know C++ and device learning, not Java, since 2019",
        "I know C++ and machine learning, Java, since 2019",
        "I know C++ and machine learning, not Java, since 2020",
        "I know C++ and machine learning, not Java, never, since 2019",
        "I know C++ and machine learning, not Java and Python, since 2019",
        "As a data scientist I know C++ and machine learning, not Java, since 2019",
    ):
        assert not guard.kept(said, broken), broken
    assert guard.kept("I don't bake", "I do not bake")
    assert guard.kept("two data scientists", "data scientists, two")


def test_articles_follow_the_sound() -> None:
    pairs = [
        ("hour", "an"),
        ("university", "a"),
        ("apple", "an"),
        ("one-off", "a"),
        ("user", "a"),
        ("unusual", "an"),
        ("unintended", "an"),
        ("job", "a"),
    ]
    for word, article in pairs:
        assert {with_article(f"It is {before} ", word) for before in ("a", "an")} == {
            f"It is {article} "
        }
    assert with_article("vitamin an", "hour") == "vitamin an"  # not an article before this word


# --------------------------------------------------------------------------------------------------


def test_a_generator_is_asked_first_and_what_it_breaks_is_refused() -> None:
    def generate(texts: Sequence[str], count: int) -> list[list[str]]:
        return [
            ["I bake.", "In the village I bake good rye bread since 1990.", text] for text in texts
        ]

    table = pandas.DataFrame(
        {"role": ["Baker"], "text": ["Since 1990 I bake good rye bread in the village."]}
    )
    after = augment_data(table, factor=2, generate=generate)
    assert list(after.text[1:]) == [
        "In the village I bake good rye bread since 1990."
    ]  # "I bake." lost the year
    assert list(after.origin) == ["", "0:generate"]


def test_a_generator_may_ask_a_server() -> None:
    """The example of the guide: a server with the chat interface of OpenAI, asked by urllib."""

    class Server(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append(body["messages"][0]["content"])
            self.send_response(200)
            self.end_headers()
            message = {"content": "In the village I bake good rye bread since 1990."}
            self.wfile.write(json.dumps({"choices": [{"message": message}]}).encode())

        def log_message(self, *_: Any) -> None:
            """Nothing on standard error."""

    def generate(texts: Sequence[str], count: int) -> list[list[str]]:
        ask = f"Rewrite in {count} ways, one a line, same names, numbers and negations: {texts[0]}"
        body = {"model": "my-model", "messages": [{"role": "user", "content": ask}]}
        address = f"http://127.0.0.1:{server.server_port}/v1/chat/completions"
        request = urllib.request.Request(
            address, json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            text = json.load(answer)["choices"][0]["message"]["content"]
        return [text.splitlines()]

    asked: list[str] = []
    table = pandas.DataFrame(
        {"role": ["Baker"], "text": ["Since 1990 I bake good rye bread in the village."]}
    )
    with HTTPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        after = augment_data(table, factor=2, generate=generate)
        server.shutdown()
    assert after.text[1] == "In the village I bake good rye bread since 1990."
    assert [table.text[0] in each for each in asked] == [True]  # one request for one row


def test_the_guides_import_runs_beside_the_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "colab"))
    from augmentation import augment_data as found

    assert found is augment_data
