from __future__ import annotations

import numpy as np

from vocation.text import ngrams
from vocation.training.ngrams import NgramTable, counts, fit_ngrams

TEXTS = [
    "I bake bread and rolls",
    "bread from my oven",
    "I write code in C++",
    "code, tests and C++",
]
LABELS = np.array([0, 0, 1, 1])


def serving(table: NgramTable) -> ngrams.NgramScorer:
    return ngrams.NgramScorer(table.weights, table.factors)


def test_ngrams_count_each_place_once() -> None:
    # "ab ab": the word twice, the pair once, and of " ab " the pieces " a", "ab", "b ", " ab", "ab
    # ", " ab ", each twice: 8 places.
    places, values = ngrams.ngrams("ab ab")
    assert len(places) == 8
    assert sorted(np.exp(values - 1).round().tolist()) == [1.0] + [2.0] * 7
    assert ngrams.ngrams("AB ab")[0].tolist() == places.tolist()


def test_the_table_tells_known_words_apart_and_says_nothing_without_any() -> None:
    table = fit_ngrams(counts(TEXTS), LABELS, 2)
    assert table.weights.shape == (ngrams.BUCKETS, 2)
    scores = serving(table).scores(["fresh bread", "more C++ code"])
    assert scores.argmax(axis=1).tolist() == [0, 1]
    np.testing.assert_allclose(
        scores, table.scores(counts(["fresh bread", "more C++ code"])), rtol=1e-4
    )
    known = np.abs(serving(table).scores(TEXTS)).max()
    assert np.abs(serving(table).scores(["", "日本"])).max() < 0.1 * known


def test_both_ways_of_fitting_give_one_table() -> None:
    """Few rows are solved exactly over pairs of rows, many by conjugate gradients: the same
    regression.
    """
    from vocation.training import ngrams as lexical

    exact = fit_ngrams(counts(TEXTS), LABELS, 2)
    before, lexical._DENSE = lexical._DENSE, 0
    try:
        iterated = fit_ngrams(counts(TEXTS), LABELS, 2)
    finally:
        lexical._DENSE = before
    np.testing.assert_allclose(
        serving(exact).scores(TEXTS), serving(iterated).scores(TEXTS), atol=1.0
    )
