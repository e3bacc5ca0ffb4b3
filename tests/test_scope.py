from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
from conftest import ROOT

from vocation import Recommender
from vocation.bundle import reader
from vocation.records import Career
from vocation.serving.background import features, score
from vocation.serving.network import Network
from vocation.text.titles import Titles
from vocation.training import background
from vocation.training.background import Background
from vocation.training.calibrate import _logit_threshold
from vocation.training.domain import DomainClassifier, in_domain_texts, out_of_domain_texts


def test_a_score_above_zero_is_inside_however_few_are_there() -> None:
    """2 texts inside point east, 20 outside north: since both kinds count the same, what points
    north-east lies near the border.
    """
    east, north = np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]])
    scope = DomainClassifier.fit(east.repeat(2, axis=0), north.repeat(20, axis=0))
    scores = scope.score(np.concatenate([east, north, (east + north) / np.sqrt(2)]))
    assert scores[0] > 0 > scores[1]
    assert abs(scores[2]) < 0.1 * scores[0]
    assert DomainClassifier.open(2).score(east).tolist() == [0.0]


def test_people_and_others_are_told_apart(bundle_folder: Path) -> None:
    opened = reader.read(bundle_folder)
    network = Network(opened.model, opened.tokenizer, opened.embeddings.shape[1])
    about_work = [
        "I repair bicycles for half the street and never get tired of it.",
        "People tell me that I explain fractions well.",
    ]
    other = [
        "Pour the milk over the oats and wait ten minutes.",
        "Is the museum open on Monday?",
        "qqwx zzrt plkm vvbn",
    ]
    assert network.run(about_work).domain.min() > network.run(other).domain.max()


def test_the_other_texts_are_the_same_for_the_same_seed() -> None:
    assert out_of_domain_texts(1) == out_of_domain_texts(1)
    changed = [
        one
        for one, two in zip(out_of_domain_texts(1), out_of_domain_texts(2), strict=True)
        if one != two
    ]
    assert len(changed) == 120, "gibberish depends on the seed, the texts that come with us do not"
    assert all(text.strip() for text in out_of_domain_texts(1))
    assert not {text for _, text in in_domain_texts()} & {*out_of_domain_texts(1)}


def test_careers_of_the_catalogue_are_no_occupations_outside_of_it() -> None:
    """They are recognised by title, by alias, and by their official code under another title."""
    nurse = Career("Registered Nurse")
    aide = Career("Carer in the community", aliases=("home health aide",))
    both, without = Background([nurse, aide], list), Background([nurse], list)
    assert len(both.texts) == len(without.texts) - 2, "the two texts of such aides are left out"
    known = Titles(["Registered Nurse"])
    assert known.has("registered nurses")
    assert known.has("Ward Sister", "29-1141.00")
    assert not known.has("Ward Sister")
    assert not known.has("Baker", "51-3011.00")
    assert "Registered Nurses" not in both.titles
    assert len(set(both.titles)) == len(both.titles) > 800


def test_a_text_that_is_nearer_to_other_titles_fits_none_of_the_careers() -> None:
    """Two careers point east and north, an occupation that is none of them west: rows near their
    own career fit, and a text that points west does not, however sure the classifier is. The more
    of the titles are careers, the fewer right rows the rule may cost.
    """
    rng = np.random.default_rng(1)
    labels = np.arange(60) % 2
    vectors = np.eye(2)[labels] + 0.2 * rng.normal(size=(60, 2))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    probabilities = np.where(np.eye(2)[labels] > 0, 0.9, 0.1)
    west = np.array([[-1.0, 0.0]])
    costs = []
    for titles in (1, 98):
        far = np.repeat(vectors @ west.T, titles, axis=1)
        others = features(west @ np.eye(2), np.ones((1, titles)), np.array([0.9]))
        rule = background.fit(probabilities, labels, vectors, far, others)
        fitting = features(vectors, far, np.full(60, 0.9))
        costs.append((score(fitting, rule) < 0).sum())
    assert costs == [1, 5], "8 % of 60 right rows, times the square of 1/3 and .98"
    assert score(others, rule)[0] < 0


def test_without_held_out_rows_a_quarter_of_those_who_belong_elsewhere_are_noticed() -> None:
    assert _logit_threshold(np.arange(5.0)) == 1.0  # one of 0, 1, 2, 3, 4 lies below it
    assert _logit_threshold(np.array([])) is None


def test_none_of_the_careers_fits(bundle_folder: Path) -> None:
    recommender = Recommender.load(bundle_folder)
    text = "I cut stones for rings, set them by hand and repair old watches for the shop."
    rule = recommender._models[0]._known
    assert rule is not None, "learnt from enough rows"
    rule["bias"] = -1e9
    answer = recommender.recommend(text)
    assert (answer.decision, answer.reason) == (
        "unsure",
        "none of the careers known here fits well",
    )
    assert answer.careers, "the nearest ones are shown all the same"
    named = recommender.recommend(f"{answer.careers[0].career} is what I want to be. {text}")
    assert named.reason != answer.reason, "who names the career knows what he wants"


def test_people_of_other_occupations_are_rarely_matched(bundle_folder: Path) -> None:
    """Neither kind was learnt from. Most of the people do other work, or the careers' own."""
    recommender = Recommender.load(bundle_folder)

    def matched(file: str) -> float:
        table = (ROOT / "benchmarks" / "data" / file).read_text("utf-8")
        texts = [row["text"] for row in csv.DictReader(io.StringIO(table, newline=""))][::4]
        answers = recommender.recommend(texts)
        return float(np.mean([answer.decision == "match" for answer in answers]))

    assert matched("first_person.csv") > 0.8
    assert matched("outside.csv") < 0.4


def test_with_few_rows_a_named_career_is_about_itself(bundle_folder: Path) -> None:
    """Without a rule, the largest score decides, but not about a text that names its career."""
    recommender = Recommender.load(bundle_folder)
    recommender._models[0]._known = None
    recommender._models[0]._logit_threshold = 1e9
    text = "I like to look after people on a ward and to talk with them about their day."
    assert recommender.recommend(text).reason_code == "elsewhere"
    named = recommender.recommend(f"{text} A nurse does that.")
    assert named.careers[0].career == "Registered Nurse"
    assert named.reason_code is None


def test_who_says_what_he_wants_to_be_is_not_told_that_nothing_is_about_work(
    bundle_folder: Path,
) -> None:
    """Six words hold little that sounds like a profile; but "nurse" ends the name of one career
    known here, "manager" those of several.
    """
    recommender = Recommender.load(bundle_folder)
    recommender._models[0]._domain_threshold = 1e9
    nurse, manager, rain = (
        recommender.recommend(text)
        for text in ("I want to be a nurse", "I want to be a manager", "Rain fell on the nurse")
    )
    assert (nurse.decision, nurse.careers[0].career) == ("match", "Registered Nurse")
    assert (manager.careers[0].career.split()[-1], manager.reason) == (
        "Manager",
        "several careers fit about equally well",
    )
    assert rain.reason == "too little in the text tells which work would fit"
