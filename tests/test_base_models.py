"""Base models of every kind that we name: what is exported answers as their own library does. And
folders that want more than to be read.
"""

from __future__ import annotations

import json
import os
import pickle
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch
from helpers import Lines
from onnx import TensorProto, helper, numpy_helper
from safetensors.torch import load_file, save_file
from tiny_bases import (
    TEXTS,
    WIDTH,
    Words,
    bytelevel,
    make,
    many_languages,
    module,
    unigram,
    wordpiece,
    write,
)

import vocation
from vocation import Recommender
from vocation.bundle import layout
from vocation.config import TrainConfig
from vocation.errors import BundleError, ConfigError, VocationError
from vocation.serving.network import MAX_WINDOWS, Reader, windows_feed
from vocation.training import pytorch_file
from vocation.training.encoder import base_models, export, model_folder, tokenizer
from vocation.training.encoder.network import CareerNetwork

SHORT = {
    "max_length": 32,
    "min_steps": 2,
    "num_epochs": 1,
    "batch_size": 32,
    "hidden_dim": 16,
}  # 48 rows in two forms: two or three steps


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT without anything special about it."""
    return make(tmp_path_factory.mktemp("plain") / "bert", "bert", wordpiece)


@pytest.fixture
def base(plain: Path, tmp_path: Path) -> Path:
    """A copy of it, to spoil."""
    return shutil.copytree(plain, tmp_path / "base")


def feed(reader: Reader, texts: list[str]) -> dict[str, Any]:
    return windows_feed([reader.windows(text, MAX_WINDOWS)[0] for text in texts], reader.pad)


def in_torch(network: CareerNetwork, inputs: dict[str, Any]) -> np.ndarray[Any, Any]:
    with torch.no_grad():
        return (
            network.eval()
            .features(**{name: torch.from_numpy(value) for name, value in inputs.items()})
            .numpy()
        )


# --------------------------------------------------------------------------------------------------


KINDS = [
    ("bert", wordpiece, "max", None, True),
    (
        "bert",
        unigram,
        "mean",
        None,
        True,
    ),  # the multilingual MiniLM: BERT with XLM-R's vocabulary and padding 1
    ("mpnet", wordpiece, "mean", "query: ", True),
    ("xlm-roberta", unigram, "cls", "query: ", True),
    ("distilbert", wordpiece, "weightedmean", "query: ", False),
    ("roberta", bytelevel, "lasttoken", "Represent this: ", True),
    ("camembert", unigram, ["cls", "mean"], "search for: ", True),
    ("modernbert", bytelevel, "mean", "search_query: ", True),
    ("electra", wordpiece, "mean_sqrt_len_tokens", None, True),
]


@pytest.mark.parametrize(("kind", "words", "pooling", "prompt", "include_prompt"), KINDS)
def test_every_kind_reads_as_its_own_library(
    kind: str, words: Words, pooling: Any, prompt: str | None, include_prompt: bool, tmp_path: Path
) -> None:
    """Texts of one window: the last third of our features is the vector that sentence-transformers
    gives, its default prompt included.
    """
    from sentence_transformers import SentenceTransformer

    folder = base_models.resolve(
        str(make(tmp_path / kind, kind, words, pooling, prompt, include_prompt))
    )
    network = CareerNetwork.from_base(folder, 4, TrainConfig())
    reader = Reader(export.load_tokenizer(tokenizer.serving(model_folder.read(folder), 128)))
    expected = SentenceTransformer(str(folder), device="cpu").encode(
        TEXTS, normalize_embeddings=True
    )
    ours = in_torch(network, feed(reader, TEXTS))[:, -network.dim :] * np.sqrt(3)
    assert np.abs(ours - expected).max() < 1e-5


@pytest.mark.parametrize(
    ("kind", "words", "pooling"),
    [
        ("distilbert", wordpiece, ["weightedmean", "lasttoken"]),
        ("modernbert", bytelevel, ["max", "mean_sqrt_len_tokens"]),
    ],
)
def test_the_exported_graph_is_the_network(
    kind: str, words: Words, pooling: Any, tmp_path: Path
) -> None:
    """Before rounding, on texts of any length, some of several windows; and neighbours change
    nothing. An export takes seconds, so only two kinds: MPNet and XLM-R are exported from end to
    end below; RoBERTa, CamemBERT and ELECTRA are these and BERT under other names.
    """
    folder = make(tmp_path / kind, kind, words, pooling, "query: ", include_prompt=False)
    network = CareerNetwork.from_base(folder, 4, TrainConfig())
    reader = Reader(export.load_tokenizer(tokenizer.serving(model_folder.read(folder), 128)))
    texts = ["bread", "", *(" ".join(TEXTS[:n]) for n in (2, 5, 20))]
    graph = onnxruntime.InferenceSession(export._exported(network).SerializeToString())
    together = graph.run(None, feed(reader, texts))[0]
    assert np.abs(together - in_torch(network, feed(reader, texts))).max() < 1e-3
    alone = np.concatenate([graph.run(None, feed(reader, [text]))[0] for text in texts])
    assert np.abs(together - alone).max() < 1e-4


@pytest.mark.parametrize(
    ("words", "first", "last"),
    [(wordpiece, "[CLS]", "[SEP]"), (unigram, "<s>", "</s>"), (bytelevel, "<s>", "</s>")],
)
def test_every_window_has_the_special_tokens_and_the_prompt(
    words: Words, first: str, last: str, tmp_path: Path
) -> None:
    kind = {wordpiece: "bert", unigram: "xlm-roberta", bytelevel: "roberta"}[words]
    folder = model_folder.read(make(tmp_path / "base", kind, words, prompt="bread: "))
    content = tokenizer.serving(folder, 24)
    own = export.load_tokenizer(folder.tokenizer.read_bytes())
    reader = Reader(export.load_tokenizer(content))
    prompt = own.encode("bread:", add_special_tokens=False).ids
    text = " ".join(TEXTS)
    windows, cut = reader.windows(text, MAX_WINDOWS)
    inner = [ids[1 + len(prompt) : -1] for ids in windows]
    for ids in windows:
        assert (own.id_to_token(ids[0]), own.id_to_token(ids[-1])) == (first, last)
        assert ids[1 : 1 + len(prompt)] == prompt
    assert max(map(len, windows)) <= 24
    assert not cut
    whole = own.encode(
        f"bread: {text}", add_special_tokens=False
    ).ids  # in one piece, as the model's own library reads it
    assert prompt + [token for ids in inner for token in ids] == whole
    encoding = export.load_tokenizer(content).encode(
        "My rolls"
    )  # whoever uses the file without our code gets the same
    assert encoding.ids == reader.windows("My rolls", 1)[0][0]


def test_a_models_own_limit_is_kept(tmp_path: Path, tiny_data: Path) -> None:
    """It has 50 positions; MPNet's first word is at place 2, so 48 tokens fit; its own limit of 40
    is lower still.
    """
    folder = make(tmp_path / "own", "mpnet", wordpiece)
    assert model_folder.read(folder).longest == 40
    write(folder, "sentence_bert_config.json", {"max_seq_length": None})
    assert model_folder.read(folder).longest == 48
    assert (
        json.loads(tokenizer.serving(model_folder.read(folder), 512))["truncation"]["max_length"]
        == 48
    )

    write(
        folder,
        "config_sentence_transformers.json",
        {"prompts": {"p": "bread " * 50}, "default_prompt_name": "p"},
    )
    with pytest.raises(
        ConfigError,
        match="max_length 48 leaves no room for the text: the base model's prompt takes",
    ):
        tokenizer.serving(model_folder.read(folder), 512)
    write(
        folder,
        "config_sentence_transformers.json",
        {"prompts": {"p": "x"}, "default_prompt_name": "q"},
    )
    with pytest.raises(VocationError, match="names the prompt 'q' but does not have it"):
        base_models.resolve(str(folder))


def test_layers_behind_the_pooling_and_lower_case(base: Path) -> None:
    from sentence_transformers import SentenceTransformer

    modules = [
        module("Transformer", ""),
        module("Pooling", "1_Pooling"),
        module("Dense", "2_Dense"),
        module("Normalize", "3_Normalize"),
    ]
    write(base, "modules.json", modules)
    write(
        base,
        "2_Dense/config.json",
        {
            "in_features": WIDTH,
            "out_features": 8,
            "bias": True,
            "activation_function": "torch.nn.modules.activation.Tanh",
        },
    )
    generator = torch.Generator().manual_seed(1)
    save_file(
        {
            "linear.weight": torch.randn(8, WIDTH, generator=generator),
            "linear.bias": torch.randn(8, generator=generator),
        },
        base / "2_Dense/model.safetensors",
    )
    (base / "3_Normalize").mkdir()
    content = json.loads((base / "tokenizer.json").read_text(encoding="utf-8"))
    content["normalizer"]["lowercase"] = False
    write(base, "tokenizer.json", content)
    write(base, "sentence_bert_config.json", {"max_seq_length": 40, "do_lower_case": True})

    network = CareerNetwork.from_base(base_models.resolve(str(base)), 4, TrainConfig())
    assert network.dim == 8
    assert not any(parameter.requires_grad for parameter in network.pooling.parameters()), (
        "what the base model learnt is left as it is"
    )
    reader = Reader(export.load_tokenizer(tokenizer.serving(model_folder.read(base), 128)))
    expected = SentenceTransformer(str(base), device="cpu").encode(["BREAD and Python", "bread"])
    ours = in_torch(network, feed(reader, ["BREAD and Python", "bread"]))[:, -8:] * np.sqrt(3)
    assert np.abs(ours - expected).max() < 1e-5


def test_weights_in_parts_and_a_folder_of_transformers_alone(base: Path) -> None:
    """Large models come in several files; a model that was never made for sentences has no
    modules.json and gets the mean.
    """
    before = CareerNetwork.from_base(base, 4, TrainConfig()).state_dict()
    whole = load_file(base / "model.safetensors")
    names = sorted(whole)
    for part, chosen in (("one.safetensors", names[:9]), ("two.safetensors", names[9:])):
        save_file({name: whole[name] for name in chosen}, base / part)
    write(
        base,
        "model.safetensors.index.json",
        {
            "weight_map": {
                name: "one.safetensors" if name in names[:9] else "two.safetensors"
                for name in names
            }
        },
    )
    (base / "model.safetensors").unlink()
    (base / "modules.json").unlink()
    after = CareerNetwork.from_base(base_models.resolve(str(base)), 4, TrainConfig()).state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
    (base / "two.safetensors").unlink()
    with pytest.raises(
        VocationError,
        match=r"lacks the part 'two.safetensors' of its weights: download the base model again",
    ):
        base_models.resolve(str(base))


# --------------------------------------------------------------------------------------------------


SPANISH = {
    "Enfermera": ("cuidar a los enfermos", "curar heridas", "acompañar a un paciente"),
    "Panadero": ("hacer pan de madrugada", "amasar con las manos", "vigilar el horno"),
}


def test_a_multilingual_base_model_reads_spanish_rows(tmp_path: Path) -> None:
    """A stand-in with the tokens of one: nothing is said of the language, nobody is refused for it,
    and nothing English is shown as a sample.
    """
    folder = make(tmp_path / "base", "xlm-roberta", many_languages)
    rows = [
        f"{career},Me gusta mucho {what} y lo hago desde hace {years} años con mi familia"
        for career, things in SPANISH.items()
        for what in things
        for years in ("dos", "tres", "seis", "nueve")
    ]
    (tmp_path / "profiles.csv").write_text("\n".join(["role,profile", *rows]), "utf-8")
    said = Lines()
    config = {**SHORT, "base_model": str(folder)}
    result = vocation.train(
        tmp_path / "profiles.csv",
        tmp_path / "models",
        preset="head",
        config=config,
        progress=said,
    )
    assert result.metadata["languages"] == []
    assert "English only" not in f"{said} {result.data.report}"
    for sample in result.metadata["sample_predictions"]:
        assert " the " not in sample["text"]
    answer = Recommender.load(result.folder).recommend("Me gusta curar heridas en el hospital")
    assert answer.reason_code != "language"


def test_a_large_model_keeps_only_its_heads_in_the_bundle(
    tiny_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """XLM-R's shape, fine-tuned for two steps; the limit of 150 MB is lowered to what this tiny one
    breaks.
    """

    folder = make(tmp_path / "base", "xlm-roberta", unigram, prompt="query: ")
    monkeypatch.setattr(pytorch_file, "MOST_BYTES", 1000)
    losses = iter([1.0, 2.0])  # fine-tuned, as it was: two steps need not help
    monkeypatch.setattr("vocation.training.fit.best_loss", lambda history: next(losses))
    said = Lines()
    config = {**SHORT, "base_model": str(folder), "max_length": 64, "learning_rate": 1e-3}
    result = vocation.train(
        tiny_data, tmp_path / "out" / "models", preset="full", config=config, progress=said
    )
    assert result.metadata["preset"] == "full"
    assert "max_length 64 is more than this base model reads at a time: 40 is used" in str(said)

    heads = torch.load(result.folder / layout.WEIGHTS)
    assert all(name.startswith("classifier.") for name in heads["model_state_dict"])
    assert heads["note"].startswith("heads only: ")
    beside = tmp_path / "out" / "career_model_full.pth"
    whole = torch.load(beside)
    assert {name.split(".")[0] for name in whole["model_state_dict"]} == {
        "base_model",
        "classifier",
    }
    assert "all weights of the bundle" in whole["note"]
    assert str(beside) in str(said)
    assert "career_model_cpu.pth holds the heads only" in (result.folder / layout.CARD).read_text(
        encoding="utf-8"
    )
    assert not (result.folder / "career_model_full.pth").exists()

    carried = tmp_path / "carried" / "models"
    carried.mkdir(parents=True)
    for name in (
        "career_model_cpu.pth",
        "label_encoder.pkl",
        "career_embeddings.npy",
        "model_metadata.json",
    ):
        shutil.copy(result.folder / name, carried)
    with pytest.raises(
        BundleError,
        match=(
            r"holds the heads only, and the encoder was fine-tuned: put career_model_full\.pth of"
            r" the same training"
        ),
    ):
        vocation.training.rebuild_bundle(carried, folder)
    other = {
        **whole,
        "model_state_dict": {
            name: tensor + 1 for name, tensor in whole["model_state_dict"].items()
        },
    }
    torch.save(other, carried.parent / "career_model_full.pth")
    with pytest.raises(BundleError, match="belongs to another training"):
        vocation.training.rebuild_bundle(carried, folder)
    shutil.copy(beside, carried.parent)
    network = CareerNetwork.from_base(folder, 4, TrainConfig.from_dict(heads["config"]))
    pytorch_file.restore(network, heads, carried, tuned=True)
    assert all(
        torch.equal(network.half().state_dict()[name], tensor)
        for name, tensor in whole["model_state_dict"].items()
    )


def test_mpnet_trains_answers_and_is_completed_from_its_heads(
    tiny_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The head preset leaves the encoder as it was, so the heads and the base model are all there
    is to know.
    """
    folder = make(tmp_path / "base", "mpnet", wordpiece)
    monkeypatch.setattr(pytorch_file, "MOST_BYTES", 1000)
    result = vocation.train(
        tiny_data, tmp_path / "models", preset="head", config={**SHORT, "base_model": str(folder)}
    )
    recommender = Recommender.load(result.folder)
    texts = ["bread", *TEXTS, " ".join(TEXTS)]
    together = recommender.probabilities(texts)
    alone = np.concatenate([recommender.probabilities([text]) for text in texts])
    assert np.abs(together - alone).max() < 1e-4
    assert recommender.recommend("I bake bread and rolls at the market").careers
    network = CareerNetwork.from_base(folder, 4, TrainConfig())
    served = recommender._network.run(texts).features
    assert (served * in_torch(network, feed(recommender._network._reader, texts))).sum(
        axis=1
    ).min() > 0.999, "rounding costs that much at most"

    for name in (
        layout.MODEL,
        layout.TOKENIZER,
        layout.NGRAMS,
        layout.NGRAM_FACTORS,
        layout.PUBLIC_TEXTS,
        layout.PROFILES,
        layout.MANIFEST,
        layout.ZIP,
    ):
        (result.folder / name).unlink()
    before = recommender._network.run(texts).logits
    (tmp_path / "career_model_full.pth").unlink()
    vocation.training.rebuild_bundle(result.folder, folder)
    assert (
        np.abs(Recommender.load(result.folder)._network.run(texts).logits - before).max()
        < 0.02 * np.abs(before).max()
    )


# --------------------------------------------------------------------------------------------------


class _Canary:
    """A pickle that would leave a file behind, were it opened."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.system, (f"touch {self.path}",)


def spoil_config(key: str, value: Any, name: str = "config.json") -> Any:
    def spoil(folder: Path, _: Path) -> None:
        path = folder / name
        write(
            folder,
            name,
            {**(json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}), key: value},
        )

    return spoil


def spoil_modules(*entries: dict[str, Any]) -> Any:
    return lambda folder, _: write(folder, "modules.json", list(entries))


def only_a_pickle(folder: Path, canary: Path) -> None:
    (folder / "model.safetensors").unlink()
    with open(folder / "pytorch_model.bin", "wb") as file:
        pickle.dump(_Canary(canary), file)


def leading_out(name: str) -> Any:
    def spoil(folder: Path, _: Path) -> None:
        outside = folder.parent / "outside"
        shutil.move(folder / name, outside)
        (folder / name).symlink_to(outside)

    return spoil


WORDS, POOL = module("Transformer", ""), module("Pooling", "1_Pooling")
REFUSED = [
    (
        spoil_config("auto_map", {"AutoModel": "canary.Model"}),
        r"config.json asks for code of its own \(auto_map\), which is never run",
    ),
    (
        spoil_config("auto_map", {"AutoTokenizer": ["canary.T", None]}, "tokenizer_config.json"),
        "asks for code of its own",
    ),
    (
        spoil_config("quantization_config", {"quant_method": "canary"}),
        "asks for a library of its own for packed weights",
    ),
    (
        spoil_config("model_type", "canary"),
        "is a model of the kind 'canary'; base models may be bert, ",
    ),
    (
        spoil_config("num_hidden_layers", 10**9),
        "num_hidden_layers must be a whole number from 1 to 96, found 1000000000",
    ),
    (
        spoil_config("hidden_size", "wide"),
        "hidden_size must be a whole number from 1 to 8,192, found 'wide'",
    ),
    (spoil_config("num_hidden_layers", 5), "the weights in .* lack 48 parts"),
    (spoil_config("hidden_size", 48), "cannot be built from its config.json and weights"),
    (
        spoil_config("pooling_mode", "canary", "1_Pooling/config.json"),
        "asks for the pooling 'canary'; known are cls, max, mean",
    ),
    (
        spoil_config("base_model_name_or_path", "x", "adapter_config.json"),
        "holds an adapter, not a whole model",
    ),
    (
        spoil_modules(WORDS, {**POOL, "type": "canary.Pooling"}),
        r"asks for the module 'canary.Pooling'; only Transformer, Pooling",
    ),
    (
        spoil_modules(WORDS, {**POOL, "type": "sentence_transformers.models.Router"}),
        r"asks for the module 'sentence_transformers.models.Router'",
    ),
    (
        spoil_modules(WORDS, {**POOL, "path": "../1_Pooling"}),
        "points to '../1_Pooling'; a module's path must be a folder right inside",
    ),
    (spoil_modules(WORDS, {**POOL, "path": "/etc"}), "points to '/etc'"),
    (
        spoil_modules(POOL, WORDS),
        "must name a Transformer, then a Pooling, then any Dense and Normalize; found Pooling, Transformer",
    ),
    (
        lambda folder, _: (folder / "config.json").write_text("{", encoding="utf-8"),
        "config.json is not readable JSON",
    ),
    (
        lambda folder, _: (folder / "config.json").write_text("[" * 100_000, encoding="utf-8"),
        "config.json is not readable JSON",
    ),
    (
        lambda folder, _: (folder / "config.json").unlink(),
        "has no config.json, so it is no base model or only a part of one",
    ),
    (lambda folder, _: (folder / "tokenizer.json").unlink(), "has no tokenizer.json"),
    (
        lambda folder, _: (folder / "tokenizer.json").write_text("{}", encoding="utf-8"),
        "cannot be read as a fast tokenizer",
    ),
    (
        lambda folder, _: os.truncate(folder / "model.safetensors", 5000),
        "cannot be read as weights .*: download the base model again",
    ),
    (
        only_a_pickle,
        r"has no weights in the safetensors format \(model.safetensors\); other formats can run code and are not opened",
    ),
    (
        leading_out("tokenizer.json"),
        "tokenizer.json is a link that leads out of the model's folder, which is not followed",
    ),
    (leading_out("1_Pooling"), "is a link that leads out of the model's folder"),
]


@pytest.mark.parametrize(("spoil", "sentence"), REFUSED)
def test_a_folder_that_wants_more_than_to_be_read_is_refused(
    spoil: Any, sentence: str, base: Path, tmp_path: Path
) -> None:
    """In one sentence, and nothing that lies in it was run: a module and a pickle beside it would
    leave a file behind.
    """
    canary = tmp_path / "it-ran"
    code = f"open({str(canary)!r}, 'w').close()\nclass Model: pass\nPooling = T = Model\n"
    for name in ("canary.py", "1_Pooling/canary.py", "modeling_bert.py", "__init__.py"):
        (base / name).write_text(code, encoding="utf-8")
    spoil(base, canary)
    with pytest.raises(VocationError, match=sentence) as caught:
        CareerNetwork.from_base(base_models.resolve(str(base)), 4, TrainConfig())
    assert "\n" not in str(caught.value)
    assert not canary.exists()


def test_code_beside_an_honest_model_is_never_run(base: Path, tmp_path: Path) -> None:
    canary = tmp_path / "it-ran"
    for name in ("canary.py", "modeling_bert.py", "configuration_bert.py", "1_Pooling/pooling.py"):
        (base / name).write_text(f"open({str(canary)!r}, 'w').close()\n", encoding="utf-8")
    with open(base / "pytorch_model.bin", "wb") as file:
        pickle.dump(_Canary(canary), file)
    spoil_config("_attn_implementation", "stranger/kernels")(
        base, canary
    )  # the library would fetch and run it
    CareerNetwork.from_base(base_models.resolve(str(base)), 4, TrainConfig())
    assert not canary.exists()


# --------------------------------------------------------------------------------------------------


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of the model hub, and no network."""
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    return tmp_path / "hub"


def cached_model(hub: Path, name: str, source: Path) -> Path:
    """The hub's cache as its own library lays it out: a snapshot of links to blobs beside it."""
    place = hub / f"models--{name.replace('/', '--')}"
    snapshot = place / "snapshots" / ("a" * 40)
    for path in source.rglob("*"):
        if path.is_file():
            blob = place / "blobs" / str(abs(hash(path)))
            blob.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, blob)
            link = snapshot / path.relative_to(source)
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(os.path.relpath(blob, link.parent))
    (place / "refs").mkdir()
    (place / "refs" / "main").write_text("a" * 40, encoding="utf-8")
    return snapshot


def test_a_name_is_found_in_the_hubs_cache_or_explained(hub: Path, plain: Path) -> None:
    with pytest.raises(
        VocationError,
        match=(
            r"'nobody/nothing' is not a folder here and could not be fetched .*check the name and"
            r" the connection"
        ),
    ):
        base_models.resolve("nobody/nothing")
    with pytest.raises(
        VocationError, match=r"'\./nowhere' is neither a folder here nor a name of the model hub"
    ):
        base_models.resolve("./nowhere")
    snapshot = cached_model(hub, "sentence-transformers/all-MiniLM-L12-v2", plain)
    assert (
        base_models.resolve("all-MiniLM-L12-v2")
        == base_models.resolve("sentence-transformers/all-MiniLM-L12-v2")
        == snapshot
    )
    CareerNetwork.from_base(snapshot, 4, TrainConfig())
    (snapshot / "model.safetensors").unlink()
    with pytest.raises(
        VocationError,
        match=r"snapshots/a+ has no weights in the safetensors format .* or download it again",
    ) as caught:
        base_models.resolve("all-MiniLM-L12-v2")  # a download that was interrupted
    assert "\n" not in str(caught.value)
    assert base_models.resolve("all-MiniLM-L6-v2") == base_models.resolve(base_models.DEFAULT)


def test_a_row_of_an_8_bit_product_does_not_depend_on_the_other_rows() -> None:
    random = np.random.default_rng(0)
    weights = numpy_helper.from_array(random.normal(size=(384, 384)).astype(np.float32), "weights")
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["rows", 384])
        for name in ("rows", "vectors")
    ]
    product = helper.make_node("MatMul", ["rows", "weights"], ["vectors"])
    graph = helper.make_graph([product], "product", ends[:1], ends[1:], [weights])
    opset = [helper.make_opsetid("", 20)]
    model = export._quantised(helper.make_model(graph, opset_imports=opset, ir_version=10), 384)
    one_thread = onnxruntime.SessionOptions()
    one_thread.intra_op_num_threads = 1  # as `vocation serve` and `score` answer
    session = onnxruntime.InferenceSession(model.SerializeToString(), one_thread)
    rows = random.normal(size=(64, 384)).astype(np.float32)
    together = session.run(["features"], {"rows": rows})[0]
    for count in (1, 3, 7):
        assert np.array_equal(
            session.run(["features"], {"rows": rows[:count]})[0], together[:count]
        )
