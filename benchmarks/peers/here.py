"""Peers that run in vocation's own environment, and vocation. Each takes a Task and gives
probabilities (n, classes).
"""

from __future__ import annotations

import tempfile
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from peers.tasks import Task
from scipy import sparse
from sentence_transformers import SentenceTransformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from transformers.utils.logging import disable_progress_bar

from vocation import Recommender, train
from vocation.serving.model import softmax
from vocation.text.clean import label_key
from vocation.training.encoder import base_models

Floats = NDArray[np.float64]
Answer = tuple[Floats, float | None]
"""Probabilities (n, classes), and the mass of the 90 % set where the peer has one."""


def majority(task: Task) -> Answer:
    """The share of each class in the training rows; of equal ones the first."""
    counts = (
        np.bincount(task.train_labels, minlength=len(task.classes))
        - np.arange(len(task.classes)) * 1e-6
    )
    return (
        np.tile(np.maximum(counts, 0) / np.maximum(counts, 0).sum(), (len(task.test_texts), 1)),
        None,
    )


def tfidf(task: Task) -> Answer:
    """Words and pieces of words, counted."""
    views = [
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, dtype=np.float32),
        TfidfVectorizer(
            analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, dtype=np.float32
        ),
    ]
    seen = sparse.hstack([view.fit_transform(task.train_texts) for view in views]).tocsr()
    asked = sparse.hstack([view.transform(task.test_texts) for view in views]).tocsr()
    return _regression(task, seen, asked, 30), None


def frozen(task: Task) -> Answer:
    """The base model as it comes, a linear classifier on its vectors."""
    return _regression(task, _vectors(task.train_texts), _vectors(task.test_texts), 10), None


def averaged(task: Task) -> Answer:
    """The mean of `tfidf` and of a classifier on the frozen base model's mean over windows of 80
    words: the best simple recipe for long texts.
    """
    windows = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=1000)).fit(
        _windowed(task.train_texts), task.train_labels
    )
    table = np.zeros((len(task.test_texts), len(task.classes)))
    table[:, windows.classes_] = windows.predict_proba(_windowed(task.test_texts))
    return (tfidf(task)[0] + table) / 2, None


def zero_shot(task: Task) -> Answer:
    """Similarity to the class's name (and description, where there is one), no training."""
    return softmax(15 * (_vectors(task.test_texts) @ _vectors(task.described).T)), None


def ours(task: Task, preset: str) -> Answer:
    """`vocation train` on the training rows as files, asked as a user would. A class that it does
    not know gets 0.
    """
    with tempfile.TemporaryDirectory() as folder:
        files, models = Path(folder) / "data", Path(folder) / "models"
        files.mkdir()
        task.write(files)
        train(files, models, preset=preset)
        recommender = Recommender.load(models)
        found = recommender.probabilities(task.test_texts)
        known = {label_key(name): i for i, name in enumerate(recommender.classes)}
        columns = [known.get(label_key(name)) for name in task.classes]
        table = np.column_stack(
            [np.zeros(len(found)) if i is None else found[:, i] for i in columns]
        )
        return table, float(recommender.metadata["calibration"]["set_threshold"])


def guide(task: Task) -> Answer:
    """The training guide's recipe to the letter: first token, one learning rate, 100 warm-up steps,
    10 epochs, the last state kept.
    """
    import torch
    from transformers import AutoModel, AutoTokenizer, get_linear_schedule_with_warmup

    torch.manual_seed(0)
    disable_progress_bar()
    base, classes, width = base_models.resolve(base_models.DEFAULT), len(task.classes), 256
    tokenizer, encoder = AutoTokenizer.from_pretrained(base), AutoModel.from_pretrained(base)
    head = torch.nn.Sequential(
        torch.nn.Linear(encoder.config.hidden_size, width),
        torch.nn.ReLU(),
        torch.nn.Dropout(0.3),
        torch.nn.Linear(width, classes),
    )
    parts = torch.nn.ModuleList([encoder, head])

    def scores(texts: list[str]) -> torch.Tensor:
        feed = tokenizer(texts, padding=True, truncation=True, max_length=128, return_tensors="pt")
        return head(encoder(**feed).last_hidden_state[:, 0])

    labels, epochs, size = torch.from_numpy(task.train_labels), 10, 32
    optimizer = torch.optim.AdamW(parts.parameters(), lr=2e-5)
    schedule = get_linear_schedule_with_warmup(optimizer, 100, epochs * -(-len(labels) // size))
    parts.train()
    for _ in range(epochs):
        for rows in torch.randperm(len(labels)).split(size):
            torch.nn.functional.cross_entropy(
                scores([task.train_texts[i] for i in rows]), labels[rows]
            ).backward()
            torch.nn.utils.clip_grad_norm_(parts.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
    parts.eval()
    with torch.no_grad():
        starts = range(0, len(task.test_texts), size)
        table = torch.cat([scores(list(task.test_texts[start : start + size])) for start in starts])
    return softmax(table.numpy()), None


def _regression(task: Task, seen: Floats, asked: Floats, c: float) -> Floats:
    model = LogisticRegression(C=c, max_iter=1000).fit(seen, task.train_labels)
    table = np.zeros((len(task.test_texts), len(task.classes)))
    table[:, model.classes_] = model.predict_proba(asked)
    return table


@lru_cache
def _encoder() -> SentenceTransformer:
    disable_progress_bar()
    model = SentenceTransformer(
        str(base_models.resolve(base_models.DEFAULT)), device="cpu", local_files_only=True
    )
    model.max_seq_length = 256
    return model


def _windowed(texts: tuple[str, ...]) -> Floats:
    words = [text.split() for text in texts]
    windows = [
        (i, " ".join(own[start : start + 80]))
        for i, own in enumerate(words)
        for start in range(0, max(1, len(own)), 80)
    ]
    owner = np.array([i for i, _ in windows])
    vectors = _vectors(tuple(window for _, window in windows))
    return np.stack([vectors[owner == i].mean(axis=0) for i in range(len(texts))])


def _vectors(texts: tuple[str, ...]) -> Floats:
    return _encoder().encode(list(texts), normalize_embeddings=True, show_progress_bar=False)
