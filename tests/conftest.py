"""What several tests share: a small bundle trained once, a tiny base model, the folder with real
files where there is one.
"""

from __future__ import annotations

import csv
import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from vocation.fairness import swaps

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"

TINY = {
    "Baker": [
        "I get up at four and love the smell of bread",
        "sourdough, ovens, flour on my hands",
        "My rolls sell out at the market",
        "I knead dough and shape loaves every morning",
        "Proving times and oven heat are my science",
        "I want to run a small bakery with fresh bread",
    ],
    "Nurse": [
        "I sit with patients at night and change dressings",
        "wards, injections, calm words for sick people",
        "I watch the drip and the blood pressure",
        "Caring for people in hospital beds is what I do best",
        "I give medicine on rounds and comfort families",
        "I helped my grandmother after her operation",
    ],
    "Programmer": [
        "I write Python code and fix bugs",
        "software, APIs, unit tests, git",
        "I built a website and an app for my club",
        "Debugging code late at night makes me happy",
        "I like algorithms and clean functions",
        "My program sorts our school timetable",
    ],
    "Gardener": [
        "Soil, seeds and roses, I am outside in every weather",
        "pruning, hedges, compost, lawns",
        "I grow vegetables and know every weed",
        "Planting trees in parks is my dream",
        "I plan flower beds through the seasons",
        "My greenhouse is full of seedlings",
    ],
}
"""Four careers that nobody mixes up, six first-person rows each."""


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with real files, next to the repository where the tests are developed and in
    CI.
    """
    if not SHARED.is_dir():
        pytest.skip("the real files in ../shared are not here")
    return SHARED


@pytest.fixture(scope="session", autouse=True)
def _quick_trainings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Every training takes known vectors from one cache, and audits itself on few texts."""
    # pytest-xdist gives each process a folder of its own; their parent is one for all.
    base = tmp_path_factory.getbasetemp()
    together = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    os.environ.setdefault("VOCATION_CACHE", str(together / "cache"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(swaps, "BRIEF", 6)
        yield


@pytest.fixture(scope="module", autouse=True)
def _quick_collections() -> None:
    """Every training ends with a search for garbage, which need not go through torch each time."""
    if "torch" in sys.modules:
        gc.collect()
        gc.freeze()


@pytest.fixture(scope="session")
def tiny_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with profiles.csv (TINY) and a skills_mapping.csv."""
    folder = tmp_path_factory.mktemp("tiny")
    write_csv(
        folder / "profiles.csv",
        ["role", "profile"],
        [[role, text] for role, texts in TINY.items() for text in texts],
    )
    skills = {
        "Baker": "Kneading, Ovens",
        "Nurse": "Injections, Dressings",
        "Programmer": "Python, C++, Git",
        "Gardener": "Pruning, Compost",
    }
    write_csv(
        folder / "skills_mapping.csv",
        ["role", "skills", "description"],
        [[role, own, f"Works with {own.lower()}."] for role, own in skills.items()],
    )
    return folder


@pytest.fixture(scope="session")
def default_part(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with 64 of the default careers, which `limit=640` cuts to ten rows each."""
    from vocation.data.examples import write_examples

    careers = ROOT / "benchmarks" / "data" / "first_careers.txt"
    folder = tmp_path_factory.mktemp("default")
    write_examples(folder, careers.read_text("utf-8").splitlines())
    return folder


@pytest.fixture(scope="session")
def bundle_folder(default_part: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real bundle over 64 default careers, trained once on a part of the default data.

    It is kept in the folder that VOCATION_TEST_BUNDLE names, and taken from there: where training
    is not installed, the tests of answering can run.
    """
    kept = os.environ.get("VOCATION_TEST_BUNDLE")
    folder = Path(kept) if kept else tmp_path_factory.mktemp("bundle") / "models"
    if not folder.exists():
        import vocation

        vocation.train(default_part, folder, preset="head", limit=640)
    return folder


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sentence-transformers model of MiniLM's kind with random weights: two layers of 32
    numbers.
    """
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Pooling, Transformer
    from transformers import AutoTokenizer, BertConfig, BertModel

    from vocation.training.encoder import base_models

    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("base")
    tokenizer = AutoTokenizer.from_pretrained(base_models.resolve(base_models.DEFAULT))
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
    )
    BertModel(config).save_pretrained(folder / "raw")
    tokenizer.save_pretrained(folder / "raw")
    words = Transformer(str(folder / "raw"))
    SentenceTransformer(modules=[words, Pooling(32)], device="cpu").save(str(folder / "st"))
    return folder / "st"


def write_csv(path: Path, header: list[str], rows: list[list[str]]) -> Path:
    """A plain CSV file."""
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
    return path
