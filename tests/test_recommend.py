from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas
import pytest
from tokenizers import Tokenizer

from vocation import Recommender
from vocation.bundle import layout, reader
from vocation.records import BRIEF
from vocation.serving import network
from vocation.serving.network import Network, Reader, _batches, embeddings
from vocation.text.clean import MAX_TEXT, words

WEB = "I love programming and building web applications with Python and JavaScript"


@pytest.fixture(scope="module")
def recommender(bundle_folder: Path) -> Recommender:
    return Recommender.load(bundle_folder)


def test_the_guides_query(recommender: Recommender) -> None:
    answer = recommender.recommend(WEB, top_k=3)
    assert answer.decision == "match"
    assert answer.careers[0].career in {"Web Developer", "Software Engineer"}
    confidence = [one.confidence for one in answer.careers]
    assert confidence == sorted(confidence, reverse=True)
    assert 0 < sum(confidence) <= 1 + 1e-9
    assert answer.prediction_set[0] == answer.careers[0].career
    web = next(one for one in answer.careers if one.career == "Web Developer")
    assert "JavaScript" in web.skills_held
    assert "JavaScript" not in web.skills_missing


def test_alone_or_in_a_batch_the_answer_is_the_same(recommender: Recommender) -> None:
    texts = [
        WEB,
        "cars",
        "I look after my sick neighbour. " * 40,
        "",
        "Ünïcode façade 日本",
        "I grow wheat and keep cows on our farm in the hills",
    ]
    together = recommender.probabilities(texts)
    alone = np.concatenate([recommender.probabilities([text]) for text in texts])
    assert np.abs(together - alone).max() < 1e-4
    assert (together.argmax(1) == alone.argmax(1)).all()
    np.testing.assert_allclose(together.sum(1), 1)


def test_decide_is_recommend_without_what_stands_beside(recommender: Recommender) -> None:
    texts = [
        WEB,
        "I love mathematics and proofs. I also love horses and stables, and riding every day.",
        "",
        None,
        "I don't want to work in an office.",
        "Ich möchte gerne als Krankenschwester arbeiten und Menschen helfen, wie meine Mutter.",
        "I quit nursing last year, the wards wore me out",
        "I want to die and I can't go on living",
        "cars",
    ]
    out = recommender.recommend(WEB).careers[0].career
    for choice in ({}, {"top_k": 2, "exclude": [out]}, {"care": False, "hear": False}):
        answers = recommender.recommend(texts, **choice)
        for one, answer in zip(recommender.decide(texts, **choice), answers, strict=True):
            assert (one.decision, one.reason_code) == (answer.decision, answer.reason_code)
            assert one.careers == tuple((c.career, c.confidence) for c in answer.careers)
            assert one.directions == answer.directions
    assert {one.decision for one in recommender.decide(texts)} == {"match", "unsure", "help"}
    assert recommender.decide([]) == []
    with pytest.raises(TypeError, match="one text"):
        recommender.decide(WEB)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="top_k"):
        recommender.decide([WEB], 0)


def test_how_somebody_introduces_herself_is_no_reason(bundle_folder: Path) -> None:
    answer = Recommender.load(bundle_folder).recommend(
        "My name is Zuzanna, I repair car engines, I change brakes and gearboxes", explain=True
    )
    quoted = [
        phrase
        for career in answer.careers
        for phrase in (*(career.because or ()), *(career.against or ()))
    ]
    assert quoted
    assert not any("Zuzanna" in phrase for phrase in quoted)


def test_long_text_is_read_to_its_end(recommender: Recommender) -> None:
    padding = "My days are full and the weeks go by. " * 30
    answer = recommender.probabilities(
        [padding, padding + "I bake cakes, cook menus and lead a restaurant kitchen. " * 20]
    )
    chef = recommender.classes.index("Chef")
    assert answer[1, chef] > 10 * answer[0, chef]
    assert not recommender.recommend(padding).truncated
    assert recommender.recommend(padding * 40).truncated  # 1,200 sentences of 9 words


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "there is no readable text"),
        ("  \u200b 🙂 12 ", "there is no readable text"),
        ("hello", "the text is too short to tell"),
        (
            "Ich arbeite gern mit Holz und möchte Möbel bauen",
            "the text seems to be in German, which this model has not learnt",
        ),
        (
            "Я люблю чинить машины",
            "the text seems to be in Russian, which this model has not learnt",
        ),
        ("xkqj vrrt zzpl qwmn ghtr", "most of the words could not be read"),
        (
            "The train was late again and it rained all day.",
            "too little in the text tells which work would fit",
        ),
    ],
)
def test_what_deserves_no_confident_answer_is_unsure(
    recommender: Recommender, text: str, reason: str
) -> None:
    answer = recommender.recommend(text)
    assert answer.decision == "unsure"
    assert {one.words for one in answer.careers} <= {"a guess"}, "no good match beside a doubt"
    assert answer.reason == reason
    assert answer.question
    assert ("in English" in answer.question) == ("seems to be in" in reason)
    assert bool(answer.careers) == any(letter.isalpha() for letter in text)


def test_a_text_without_blanks_is_not_too_short(bundle_folder: Path) -> None:
    """A base model that reads many languages turns nobody away: two Chinese signs or four Thai
    letters count as a word.
    """
    assert words("I like 做饭做饭 - 12 🙂!") == ["I", "like", "做饭", "做饭"]
    opened = reader.read(bundle_folder)
    anyone = Recommender(replace(opened, metadata={**opened.metadata, "languages": []}))
    short = "the text is too short to tell"
    for text in ("我喜欢照顾老人和孩子。", "料理を作るのが好きです。", "ฉันชอบทำอาหารให้ครอบครัว"):
        assert anyone.recommend(text).reason != short
    assert [anyone.recommend(text).reason for text in ("你好", "สวัสดี", "hello there")] == [
        short
    ] * 3


def test_a_long_text_is_cut_into_windows_of_equal_length(bundle_folder: Path) -> None:
    """At most 128 tokens a window, two of them special: 300 tokens make 3 windows of 100, where
    filling up would leave 126, 126 and 48.
    """
    tokenizer = Tokenizer.from_file(str(bundle_folder / layout.TOKENIZER))
    start, bread, end = tokenizer.encode("bread").ids
    reader = Reader(tokenizer)
    assert reader.windows("bread " * 300, 64) == ([[start, *[bread] * 100, end]] * 3, False)
    assert reader.windows("", 64) == ([[start, end]], False)

    text = " ".join(f"loaf {number}" for number in range(1000))
    windows, cut = reader.windows(text, 64)
    assert [token for window in windows for token in window[1:-1]] == tokenizer.encode(
        text, add_special_tokens=False
    ).ids, "nothing is lost"
    assert not cut
    assert {(window[0], window[-1]) for window in windows} == {(start, end)}
    lengths = [len(window) for window in windows]
    assert max(lengths) <= 128
    assert len(set(lengths[:-1])) == 1
    assert max(lengths) - min(lengths) < len(windows)
    assert reader.windows("bread " * 300, 2) == ([[start, *[bread] * 126, end]] * 2, True)


def test_a_batch_is_of_like_lengths_and_has_a_limit() -> None:
    """40 texts of 10 tokens: 38 fill 384 tokens. The other two go with one of 120, as 3 * 120 is
    360; 130 more would make 520. What is longer than the limit is read alone.
    """
    texts = [[[0] * 130], *[[[0] * 10]] * 40, [[0] * 120], [[0] * 128] * 5]
    sizes = [[len(texts[i][0]) for i in batch] for batch in _batches(texts)]
    assert sizes == [[10] * 38, [10, 10, 120], [128], [130]]


def test_a_text_read_in_parts_has_the_answer_of_the_whole(
    bundle_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the limit lifted, the graph averages all windows of a text itself."""
    opened = reader.read(bundle_folder)
    parts = Network(opened.model, opened.tokenizer, opened.embeddings.shape[1])
    text = "I bake bread at night. I repair bicycles at weekends, and I sell both. " * 40
    runs = []
    session = parts._session
    parts._session = SimpleNamespace(run=lambda *feed: runs.append(feed[1]) or session.run(*feed))
    found = parts.run(["cars", text])
    assert all(feed["input_ids"].size <= network._BATCH_TOKENS for feed in runs)
    monkeypatch.setattr(network, "_BATCH_TOKENS", 10**6)
    whole = parts.run(["cars", text])
    assert runs[-1]["window_weights"].shape[1] > 4
    for one, other in zip(found, whole, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)


def test_a_very_long_text_is_answered_from_its_beginning(recommender: Recommender) -> None:
    text = "I bake bread. "
    answer = recommender.recommend(text + " " * MAX_TEXT + "I repair engines.")
    assert answer.careers == recommender.recommend(text).careers
    assert answer.truncated


def test_explain_quotes_the_persons_own_words(recommender: Recommender) -> None:
    text = (
        "I have two cats and a bike. I cook three courses in a restaurant kitchen every night, and"
        " my brother plays the drums."
    )
    first = recommender.recommend(text, explain=True).careers[0]
    assert first.career == "Chef"
    assert first.because
    assert first.because[0] == "I cook three courses in a restaurant kitchen every night"
    assert all(phrase in text for phrase in (*first.because, *(first.against or ())))
    assert recommender.recommend(text).careers[0].because is None


def test_a_quoted_phrase_matters_more_than_another(recommender: Recommender) -> None:
    """What is quoted as a reason must be one: without it the career falls further than without the
    rest of the text.
    """
    texts = {
        "We moved house twice last year, I repair car engines, brakes and gearboxes in a garage, and my sister lives abroad": (
            "Automotive Technician"
        ),
        "It rained all week, so I cooked in a restaurant kitchen and invented sauces and menus, then we watched television": (
            "Chef"
        ),
    }
    for text, career in texts.items():
        first = recommender.recommend(text, 1, explain=True).careers[0]
        assert first.career == career
        assert first.because
        c, quoted = recommender.classes.index(career), first.because[0]
        others = [
            part for part in text.split(", ") if not any(one in part for one in first.because)
        ]
        others = [part for part in others if not any(part in one for one in first.because)]
        own, *rest = (
            float(recommender.probabilities([text.replace(part, "")])[0, c])
            for part in (quoted, *others)
        )
        assert others
        assert own < first.confidence
        assert own < min(rest)


def test_the_nearest_public_words_are_the_careers_own(recommender: Recommender) -> None:
    for suggestion in recommender.recommend(
        "I repair engines and gearboxes with my uncle", 3, explain=True
    ).careers:
        career = recommender.career(suggestion.career)
        assert suggestion.nearest in {
            *(question.question for question in career.questions),
            ", ".join(career.skills[:12]),
            career.description,
        }


def test_what_is_kept_of_public_texts_finds_what_reading_them_finds(
    recommender: Recommender, bundle_folder: Path
) -> None:
    """The bundle keeps directions in steps of 1/127; read anew, the same texts are nearest."""
    model = recommender._models[0]
    texts = ["I repair engines and gearboxes with my uncle", "I cook and I draw", WEB]
    ours = model.network.run([model.masked(text) for text in texts])
    for c, career in enumerate(recommender.careers[:12]):
        public = career.public_texts()
        read = model.network.run([model.masked(compared) for _, compared in public])
        vectors = embeddings(read.features, model.embeddings.shape[1])
        for i in range(len(texts)):
            own = model.embedding(ours, i)
            cosines = {
                shown: float(own @ one) for (shown, _), one in zip(public, vectors, strict=True)
            }
            found = model.public_texts.nearest(c, own)
            assert cosines[found] > max(cosines.values()) - 0.005


def test_explaining_reads_the_phrases_and_nothing_else(
    recommender: Recommender, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    run = Network.run
    monkeypatch.setattr(
        Network, "run", lambda self, texts, *rest: read.extend(texts) or run(self, texts, *rest)
    )
    recommender.recommend("I cook soups, I bake bread and I grill fish", explain=True)
    assert len(read) == 4, "the whole text, and it without each of its three phrases"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("I want to fight fires, but I don't want to live any more", "distress"),
        ("rank my employees", "people"),
    ],
)
def test_some_texts_get_help_instead_of_careers(
    recommender: Recommender, text: str, code: str
) -> None:
    answer, other = recommender.recommend([text, WEB], explain=True)
    assert (answer.decision, answer.reason_code, answer.careers) == ("help", code, ())
    assert answer.prediction_set == ()
    assert answer.reason
    assert answer.question
    assert other.decision == "match"
    assert other.reason_code is None
    assert recommender.recommend(text, care=False).careers


def test_an_unsure_answer_has_a_code_and_no_reasons(recommender: Recommender) -> None:
    answer = recommender.recommend("The train was late again, and it rained all day.", explain=True)
    assert (answer.decision, answer.reason_code) == ("unsure", "far")
    assert {(one.because, one.against) for one in answer.careers} == {((), ())}
    assert len(answer.careers) == 3, "ideas to think about"
    assert all(0 < len(one.about) <= BRIEF and one.words == "a guess" for one in answer.careers)
    assert len(recommender.recommend("The train was late again", top_k=7).careers) == 7


def test_json_shape(recommender: Recommender) -> None:
    value = recommender.recommend(WEB, explain=True).to_dict()
    assert set(value) == {
        "decision",
        "reason",
        "reason_code",
        "question",
        "careers",
        "set",
        "truncated",
        "clauses",
        "directions",
        "near",
        "details",
        "families",
    }
    first = value["careers"][0]
    assert (first["family"], first["job_zone"], first["preparation"]) == (
        "Technology",
        4 if first["career"] == "Software Engineer" else 3,
        "considerable" if first["career"] == "Software Engineer" else "medium",
    )
    told = [career for own in value["families"].values() for career in own]
    assert sorted(told) == sorted({*(one["career"] for one in value["careers"]), *value["set"]})
    assert {"career", "confidence", "skills_held", "skills_missing", "because", "against"} <= set(
        value["careers"][0]
    )
    assert "because" not in recommender.recommend(WEB).to_dict()["careers"][0]


def test_several_texts_give_a_list_and_top_k_is_checked(recommender: Recommender) -> None:
    answers = recommender.recommend([WEB, "I teach maths to teenagers"], top_k=100)
    assert [len(answer.careers) for answer in answers] == [64, 64]
    assert recommender.recommend([]) == []
    with pytest.raises(ValueError, match="top_k must be 1 or more"):
        recommender.recommend(WEB, top_k=0)


def test_texts_may_come_from_a_table(recommender: Recommender) -> None:
    """A missing value is an empty text, wherever it comes from; the others keep their places."""
    expected = recommender.recommend(WEB)
    for texts in (
        [WEB, None, float("nan")],
        (WEB, None, np.float32("nan")),
        np.array([WEB, None, float("nan")], object),
        pandas.Series([WEB, None, pandas.NA], index=[7, 8, 9]),
        pandas.Series([WEB, None, float("nan")], dtype="string"),
    ):
        first, *rest = recommender.recommend(texts)
        assert first.prediction_set == expected.prediction_set
        assert first.careers[0].confidence == pytest.approx(expected.careers[0].confidence)
        assert [(one.decision, one.careers) for one in rest] == [("unsure", ())] * 2
        assert recommender.probabilities(texts).shape == (3, 64)


@pytest.mark.parametrize(
    ("wrong", "found"),
    [
        (7, "found int"),
        (b"I bake", "found bytes"),
        ({"text": WEB}, "found dict"),
        (pandas.DataFrame({"text": [WEB]}), "found DataFrame"),
        ([WEB, 7], r"at position 1, found '7' \(int\)"),
        ([[WEB]], r"at position 0, .* \(list\)"),
    ],
)
def test_what_is_no_text_is_refused(recommender: Recommender, wrong: Any, found: str) -> None:
    for ask in (recommender.recommend, recommender.probabilities):
        with pytest.raises(TypeError, match=found):
            ask(wrong)


def test_probabilities_of_one_text_are_not_those_of_its_letters(recommender: Recommender) -> None:
    with pytest.raises(TypeError, match=r"a list, .* found one text"):
        recommender.probabilities("abc")  # type: ignore[arg-type]


def test_public_profile_of_a_career(recommender: Recommender) -> None:
    nurse = recommender.career("Registered Nurse")
    assert nurse.facts is not None
    assert nurse.facts.pay_median == 97550
    assert "May 2025" in nurse.facts.pay_source
    assert nurse.skills
    with pytest.raises(KeyError):
        recommender.career("Astronaut")


def test_the_classifier_knows_a_career_by_its_name(recommender: Recommender) -> None:
    """Role names are masked in what is learnt of the rows, but a person may name a career. From
    rows alone it knows 54 of these 64.
    """
    named = [f"My dream job is {name.lower()}." for name in recommender.classes]
    found = recommender._network.run(named).logits.argmax(axis=1)
    assert (found == np.arange(len(named))).sum() >= 60
