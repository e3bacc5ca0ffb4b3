"""What larger base models cost: sizes of the bundle and time to answer, on models of the true shape
with random weights.

    python benchmarks/base_models.py [NAME ...]

Random weights answer nothing right, but they are as large, as slow and as hard to pack as learnt
ones. The vocabulary is made up, with as many pieces and about as many to an English word as the
real one. Needs about 4 GB of memory and a minute for each model.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import MODEL_MAPPING, AutoConfig

from vocation.bundle import layout
from vocation.config import TrainConfig
from vocation.data import dataset
from vocation.serving.network import Network
from vocation.training import pytorch_file
from vocation.training.domain import DomainClassifier
from vocation.training.encoder import export
from vocation.training.encoder.network import CareerNetwork
from vocation.training.encoder.shipped import Shipped

CAREERS = 64
TEXT = (  # 21 words
    "I like to take old engines apart with my uncle at weekends, and I can hear what is wrong with"
    " a car."
)

BERT = {"num_attention_heads": 12, "type_vocab_size": 2, "max_position_embeddings": 512}
SHAPES = {
    "all-MiniLM-L6-v2": (
        "bert",
        {
            **BERT,
            "vocab_size": 30_522,
            "hidden_size": 384,
            "num_hidden_layers": 6,
            "intermediate_size": 1536,
        },
    ),
    "all-MiniLM-L12-v2": (
        "bert",
        {
            **BERT,
            "vocab_size": 30_522,
            "hidden_size": 384,
            "num_hidden_layers": 12,
            "intermediate_size": 1536,
        },
    ),
    "all-mpnet-base-v2": (
        "mpnet",
        {"vocab_size": 30_527},
    ),  # the library's defaults are this model's
    "paraphrase-multilingual-MiniLM-L12-v2": (
        "bert",
        {
            **BERT,
            "vocab_size": 250_037,
            "hidden_size": 384,
            "num_hidden_layers": 12,
            "intermediate_size": 1536,
        },
    ),
}


def words() -> list[str]:
    """Every word of the default data's texts, the most frequent first."""
    counts: dict[str, int] = {}
    for text in dataset.load().texts:
        for word in text.lower().split():
            counts[word] = counts.get(word, 0) + 1
    return sorted(counts, key=lambda word: -counts[word])


def made_up(size: int) -> Iterator[str]:
    """Different letter sequences of the lengths that pieces of words have."""
    for i in range(size):
        yield zlib.crc32(str(i).encode()).to_bytes(4, "big").hex()[: 3 + i % 6] + str(i)


def tokenizer(size: int) -> Tokenizer:
    """A tokenizer of `size` pieces: those of word pieces, or (100,000 and more) of a unigram model
    with its scores.
    """
    if size < 100_000:
        known = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *dict.fromkeys([*words(), *made_up(size)])][
            :size
        ]
        result = Tokenizer(
            models.WordPiece({piece: i for i, piece in enumerate(known)}, unk_token="[UNK]")
        )
        result.normalizer = normalizers.BertNormalizer()
        result.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        result.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
        return result
    own = [f"▁{word}" for word in words()]
    known = [
        "<s>",
        "<pad>",
        "</s>",
        "<unk>",
        *dict.fromkeys([*"▁abcdefghijklmnopqrstuvwxyz.,'-?!", *own, *made_up(size)]),
    ][:size]
    result = Tokenizer(
        models.Unigram(
            [(piece, -8.0 - i / size * 9.123456789) for i, piece in enumerate(known)],
            unk_id=3,
            byte_fallback=False,
        )
    )
    result.pre_tokenizer = pre_tokenizers.Metaspace()
    result.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return result


def folder(place: Path, name: str) -> Path:
    """A base model of the shape of `name` with random weights, as sentence-transformers saves
    it.
    """
    kind, settings = SHAPES[name]
    torch.manual_seed(0)
    config = AutoConfig.for_model(kind, **settings)
    MODEL_MAPPING[type(config)](config).save_pretrained(place)
    tokenizer(int(config.vocab_size)).save(str(place / "tokenizer.json"))
    modules = [
        {"type": "sentence_transformers.models.Transformer", "path": ""},
        {"type": "sentence_transformers.models.Pooling", "path": "1_Pooling"},
    ]
    (place / "modules.json").write_text(json.dumps(modules), encoding="utf-8")
    (place / "1_Pooling").mkdir()
    (place / "1_Pooling" / "config.json").write_text(
        json.dumps({"pooling_mode": "mean"}), encoding="utf-8"
    )
    return place


def measure(name: str, texts: list[str]) -> str:
    """One line of the table."""
    with tempfile.TemporaryDirectory() as place:
        os.environ["VOCATION_CACHE"] = (
            f"{place}/cache"  # exports of random weights are of no use to anybody
        )
        config, classes = TrainConfig(), [f"Career {i}" for i in range(CAREERS)]
        network = CareerNetwork.from_base(base := folder(Path(place), name), CAREERS, config).eval()
        start = time.perf_counter()
        shipped = Shipped.of(network, base, config)
        exported = time.perf_counter() - start
        model = shipped.model(
            network.classifier, DomainClassifier.open(export.feature_size(shipped.graph))
        )
    rest = 8 * layout.MB  # words, profiles and metadata of the default data, generously
    files = {layout.MODEL: model, layout.TOKENIZER: shipped.tokenizer, "rest": b""}
    heads_only = pytorch_file.too_large(network, {**files, "rest": bytes(rest)})
    files[layout.WEIGHTS] = pytorch_file.file(
        network, config.to_dict(), classes, [], pytorch_file.HEADS_ONLY if heads_only else None
    )
    packed = sum(len(zlib.compress(content, 1)) for content in files.values()) + rest / 2
    served = Network(model, shipped.tokenizer, shipped.dim)
    for _ in range(3):
        served.run([TEXT])
    single = []
    for _ in range(30):
        start = time.perf_counter()
        served.run([TEXT])
        single.append(time.perf_counter() - start)
    start = time.perf_counter()
    served.run(texts)
    batch = time.perf_counter() - start
    million = sum(tensor.numel() for tensor in network.base_model.state_dict().values()) / 1e6
    kept = "heads" if heads_only else "whole"
    return (
        f"| {name} | {million:.0f} million | {len(model) / layout.MB:.0f} MB |"
        f" {len(shipped.tokenizer) / layout.MB:.1f} MB | {kept},"
        f" {len(files[layout.WEIGHTS]) / layout.MB:.1f} MB | {packed / layout.MB:.0f} MB |"
        f" {statistics.median(single) * 1000:.1f} ms | {batch:.0f} s | {exported:.0f} s |"
    )


def main() -> None:
    names = sys.argv[1:] or list(SHAPES)
    texts = (list(dataset.load().texts) * 2)[:1000]
    print(
        "| shape of | weights | model.onnx | tokenizer.json | career_model_cpu.pth | zip | one"
        " text, median | 1,000 rows | export |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for name in names:
        print(measure(name, texts), flush=True)


if __name__ == "__main__":
    main()
