"""What an accuracy has to be compared with: answers that need no network of ours."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

Ints = NDArray[np.integer[Any]]

_MOST_WEIGHTS = 6_000_000
"""Of TF-IDF + logistic regression, whose solver keeps some 25 copies of them: the most frequent
n-grams are taken where there are many careers.
"""


def answers(
    train_texts: list[str],
    train_labels: Ints,
    test_texts: list[str],
    similarity: NDArray[Any],
) -> dict[str, NDArray[Any]]:
    """Scores (n, classes) of held-out texts in three ways.

    majority: always the most frequent careers. tfidf: word 1- and 2-grams with logistic regression
    (C=30, the best of a small search on public sets). zero_shot: cosine `similarity` (n, classes)
    to each career's name and description, without any training.
    """
    classes = similarity.shape[1]
    counts = np.bincount(train_labels, minlength=classes).astype(float)
    # The tiny slope breaks ties between equally frequent careers: the first one ranks higher.
    majority = np.tile(counts - np.arange(classes) * 1e-6, (len(test_texts), 1))
    return {
        "majority": majority,
        "tfidf": _tfidf(train_texts, train_labels, test_texts, classes),
        "zero_shot": similarity,
    }


def _tfidf(
    train_texts: list[str], train_labels: Ints, test_texts: list[str], classes: int
) -> NDArray[Any]:
    most = _MOST_WEIGHTS // classes
    words = TfidfVectorizer(
        ngram_range=(1, 2),
        sublinear_tf=True,
        dtype=np.float32,
        # sklearn's own pattern drops words of one letter and cuts at signs. This one finds
        # "R" and "node.js"; of "work." it finds "work", of "..." nothing.
        token_pattern=r"(?u)\b\w[\w+#.]*\b",
        max_features=most,
    )
    # -inf: a career without training texts never ranks before one with.
    scores = np.full((len(test_texts), classes), -np.inf)
    known = np.unique(train_labels)
    # LogisticRegression refuses to fit a single class.
    if len(known) < 2:
        scores[:, known] = 0.0
        return scores
    model = LogisticRegression(C=30, max_iter=100).fit(
        words.fit_transform(train_texts), train_labels
    )
    # classes_ has the careers that were seen, in ascending order: one column for each.
    scores[:, model.classes_] = model.predict_proba(words.transform(test_texts))
    return scores
