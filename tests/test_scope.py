from __future__ import annotations

from pathlib import Path

import numpy as np

from vocation import Recommender
from vocation.bundle import reader
from vocation.serving.network import Network
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


def test_the_logit_threshold_turns_away_few_who_are_right_and_no_more_than_it_takes() -> None:
    """3 % of 0, 1, ..., 100 lie below 3. Where nine in ten strangers have 1 or less, 1 is enough;
    without right answers nothing is turned away.
    """
    right = np.arange(101.0)
    assert _logit_threshold(right, np.array([])) == 3.0
    assert _logit_threshold(right, np.full(10, 50.0)) == 3.0
    assert _logit_threshold(right, np.ones(10)) == 1.0
    assert _logit_threshold(np.array([]), np.ones(10)) is None


def test_without_held_out_rows_a_quarter_of_those_who_belong_elsewhere_are_noticed() -> None:
    assert _logit_threshold(None, np.arange(5.0)) == 1.0  # one of 0, 1, 2, 3, 4 lies below it
    assert _logit_threshold(None, np.array([])) is None


def test_none_of_the_careers_fits(bundle_folder: Path) -> None:
    recommender = Recommender.load(bundle_folder)
    text = "I cut stones for rings, set them by hand and repair old watches for the shop."
    assert np.isfinite(recommender._models[0]._logit_threshold), "learnt from enough rows"
    recommender._models[0]._logit_threshold = 1e9
    answer = recommender.recommend(text)
    assert (answer.decision, answer.reason) == (
        "unsure",
        "none of the careers known here fits well",
    )
    assert answer.careers, "the nearest ones are shown all the same"
    named = recommender.recommend(f"{answer.careers[0].career} is what I want to be. {text}")
    assert named.reason != answer.reason, "who names the career knows what he wants"


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
