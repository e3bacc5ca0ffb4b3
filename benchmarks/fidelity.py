"""What 8 bits cost: the shipped graph against the fp32 encoder of the same bundle, on held-out
texts, heads fitted on each one's own vectors.

    python benchmarks/fidelity.py

The loss is the difference in test accuracy between a classifier fitted and measured on fp32 vectors
and one fitted and measured on the shipped graph's vectors, on the default data's split, role names
masked.
"""

from __future__ import annotations

import numpy as np
import torch
from scipy import sparse

from vocation import metrics
from vocation.config import TrainConfig
from vocation.data import dataset, split
from vocation.progress import NullProgress
from vocation.serving.network import MAX_WINDOWS, Reader, embeddings, windows_feed
from vocation.text.clean import mask_role
from vocation.text.ngrams import BUCKETS
from vocation.training import heads
from vocation.training.encoder import base_models, export
from vocation.training.encoder.network import CareerNetwork
from vocation.training.encoder.shipped import Shipped, career_text


def fp32_vectors(network: CareerNetwork, tokenizer: bytes, texts: list[str]) -> np.ndarray:
    """The training network's own features (n, features), text by text."""
    reader = Reader(export.load_tokenizer(tokenizer))
    rows = []
    with torch.no_grad():
        for text in texts:
            feed = windows_feed([reader.windows(text, MAX_WINDOWS)[0]], network.pad_id)
            rows.append(
                network.features(**{name: torch.from_numpy(value) for name, value in feed.items()})[
                    0
                ].numpy()
            )
    return np.array(rows)


def main() -> None:
    config = TrainConfig()
    data = dataset.load()
    folder = base_models.resolve(config.base_model)
    network = CareerNetwork.from_base(folder, len(data.roles), config).eval()
    shipped = Shipped.of(network, folder, config)
    masked = [
        mask_role(text, data.roles[label])
        for text, label in zip(data.texts, data.labels, strict=True)
    ]
    texts = [*masked, *(career_text(data.careers[role]) for role in data.roles)]
    parts = split.split(data.labels, data.groups, config.seed)
    tables = {
        "fp32 torch": fp32_vectors(network, shipped.tokenizer, texts),
        "shipped 8-bit graph": shipped.encode(texts, NullProgress()),
    }
    cosines = (tables["fp32 torch"] * tables["shipped 8-bit graph"]).sum(axis=1)
    print(
        f"cosine of the two vectors of {len(texts):,} texts: mean {cosines.mean():.5f}, smallest"
        f" {cosines.min():.5f}\n"
    )
    print("| encoder | top-1 accuracy | top-3 accuracy |\n|---|---|---|")
    answers = []
    for name, table in tables.items():
        nothing = sparse.csr_matrix((len(masked), BUCKETS))
        named = np.zeros(len(masked), bool)
        own, careers = table[: len(masked)], embeddings(table[len(masked) :], network.dim)
        rows = heads.Vectors(
            masked_ngrams=nothing,
            ngrams=nothing,
            names_role=named,
            masked=own,
            plain=own,
            labels=data.labels,
            careers=careers,
            in_domain=own[:0],
            out_of_domain=own[:0],
        )
        classifier, _ = heads.train_classifier(rows, parts.train, parts.validation, config)
        scores = heads.scores(classifier, rows.masked[parts.test])
        place = metrics.ranks(scores, data.labels[parts.test])
        answers.append(scores.argmax(axis=1))
        print(f"| {name} | {(place == 1).mean():.1%} | {(place <= 3).mean():.1%} |")
    print(
        f"\nequal first answers: {(answers[0] == answers[1]).mean():.1%} of {len(parts.test)} test"
        " rows"
    )


if __name__ == "__main__":
    main()
