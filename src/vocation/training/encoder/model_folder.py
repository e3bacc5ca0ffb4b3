"""What a base model's folder says about itself, read without trusting it: no library sees the
folder, and no code in it ever runs.

A folder of the sentence-transformers kind names its parts in modules.json: the encoder (config.json
and weights), the pooling, layers behind it. It may also have a prompt that belongs before every
text, and a limit on how much is read at a time. Everything is checked here, once; what comes out is
plain values and the paths of safetensors files.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vocation.errors import VocationError

KINDS = (
    "bert",
    "camembert",
    "distilbert",
    "electra",
    "modernbert",
    "mpnet",
    "roberta",
    "xlm-roberta",
)
"""Encoders that tests/test_base_models.py holds to the answers of their own library."""

POOLING = {
    "cls": "pooling_mode_cls_token",
    "max": "pooling_mode_max_tokens",
    "mean": "pooling_mode_mean_tokens",
    "mean_sqrt_len_tokens": "pooling_mode_mean_sqrt_len_tokens",
    "weightedmean": "pooling_mode_weightedmean_tokens",
    "lasttoken": "pooling_mode_lasttoken",
}
"""Ways from word vectors to one for the text, in the order in which several are joined; and the
switches that older models have for them.
"""

ACTIVATIONS = ("Identity", "Tanh", "ReLU", "GELU", "Sigmoid", "SiLU")

# Their first word's position is the padding's id plus one.
_SHIFTED = {"roberta", "xlm-roberta", "camembert", "mpnet"}
_LONGEST = 512  # tokens at a time, whatever a model could read: attention grows with the square
_LEAST = 16
# For the small files that we parse; tokenizer.json is larger and has a reader of its own.
_JSON_LIMIT = 4_000_000

# Keys of config.json that would fetch or run code, or that only say how somebody else held the
# weights in memory.
_CODE = {
    "auto_map": "code of its own",
    "custom_pipelines": "code of its own",
    "quantization_config": "a library of its own for packed weights",
}
_IGNORED = re.compile(
    r"_?attn_implementation.*|experts_implementation|use_kernels|kernel_config|(torch_)?dtype|_name_or_path|architectures|model_type"
)
# Largest sizes that are believed: a config.json may ask for more memory than there is.
_SANE = {
    "hidden_size": 8192,
    "num_hidden_layers": 96,
    "intermediate_size": 65_536,
    "vocab_size": 2_000_000,
    "max_position_embeddings": 1_000_000,
}
_ALIASES = {
    "hidden_size": "dim",
    "num_hidden_layers": "n_layers",
    "intermediate_size": "hidden_dim",
}  # DistilBERT's names

# Where older models keep what newer ones have in sentence_bert_config.json.
_LIMITS = [
    f"sentence_{kind}_config.json"
    for kind in ("bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet")
]


@dataclass(frozen=True)
class Layer:
    """A layer behind the encoder: "Pooling", "Dense" or "Normalize", its settings, and the file
    with its weights (Dense only).
    """

    kind: str
    settings: dict[str, Any]
    weights: Path | None = None


@dataclass(frozen=True)
class BaseModel:
    """A checked base model: `kind` is one of KINDS, `settings` its config.json without what is not
    ours to obey, `longest` the tokens that it reads at a time with the special ones, `prompt` what
    belongs before every text, `pad` the padding's token.
    """

    folder: Path
    kind: str
    settings: dict[str, Any]
    weights: tuple[Path, ...]
    layers: tuple[Layer, ...]
    tokenizer: Path
    longest: int
    prompt: str
    lower: bool
    pad: str | None


def read(folder: Path) -> BaseModel:
    """The base model in `folder`. Raises VocationError, one sentence, for anything missing,
    strange, or that asks for code.
    """
    files = _Files(folder)
    root, layers = _modules(files)
    settings = files.json(f"{root}config.json", needed=True)
    for key, what in _CODE.items():
        # An empty or null entry asks for nothing.
        if settings.get(key):
            raise VocationError(
                f"{folder / root / 'config.json'} asks for {what} ({key}), which is never run:"
                " choose another base model"
            )
    for name in ("tokenizer_config.json", "config_sentence_transformers.json"):
        if files.json(name).get("auto_map") or files.json(f"{root}{name}").get("auto_map"):
            raise VocationError(
                f"{folder / name} asks for code of its own (auto_map), which is never run: choose"
                " another base model"
            )
    if files.path(f"{root}adapter_config.json"):
        raise VocationError(
            f"{folder} holds an adapter, not a whole model: merge it into its base model and save"
            " that"
        )
    kind = _kind(settings, folder)
    tokenizer = files.path(f"{root}tokenizer.json") or files.path("tokenizer.json")
    if tokenizer is None:
        raise VocationError(
            f"{folder} has no tokenizer.json: choose a base model that has a fast tokenizer, or"
            " download it again"
        )
    names = files.json("tokenizer_config.json") or files.json(f"{root}tokenizer_config.json")
    own = next((found for name in _LIMITS if (found := files.json(f"{root}{name}"))), {})
    return BaseModel(
        folder=folder,
        kind=kind,
        settings={key: value for key, value in settings.items() if not _IGNORED.fullmatch(key)},
        weights=_weights(files, root),
        # A plain transformer has no modules.json: the mean is what such models are used with.
        layers=layers or (Layer("Pooling", {"modes": ("mean",), "prompt": True}),),
        tokenizer=tokenizer,
        longest=_longest(
            settings, kind, own.get("max_seq_length") or names.get("model_max_length"), folder
        ),
        prompt=_prompt(files),
        lower=own.get("do_lower_case") is True,
        pad=_token(names.get("pad_token")),
    )


class _Files:
    """Plain files inside a folder: links that lead out of it are refused. (The model hub's cache
    keeps its files as links beside the folder.)
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        whole = folder.resolve()
        self.root = (
            whole.parent.parent
            # <cache>/models--x/snapshots/<commit> holds links into <cache>/models--x/blobs.
            if whole.parent.name == "snapshots" and (whole.parent.parent / "blobs").is_dir()
            else whole
        )

    def path(self, name: str) -> Path | None:
        """The path of a file, None where it is absent. VocationError for a link that leads out."""
        path = self.folder / name
        # resolve() follows links, also those of folders on the way.
        if path.exists() and not path.resolve().is_relative_to(self.root):
            raise VocationError(
                f"{path} is a link that leads out of the model's folder, which is not followed: put"
                " the file itself there"
            )
        return path if path.is_file() else None

    def json(self, name: str, needed: bool = False) -> dict[str, Any]:
        """The object in a file, {} where it is absent and not `needed`; else VocationError."""
        path = self.path(name)
        if path is None:
            if needed:
                raise VocationError(
                    f"{self.folder} has no {name}, so it is no base model or only a part of one:"
                    " give its folder, or download it again"
                )
            return {}
        content = _json(path)
        if not isinstance(content, dict):
            raise VocationError(f"{path} must be a JSON object, found {type(content).__name__}")
        return content


def _json(path: Path) -> Any:
    try:
        if path.stat().st_size > _JSON_LIMIT:
            raise VocationError(
                f"{path} is larger than the {_JSON_LIMIT // 1_000_000} MB that such a file may have"
            )
        return json.loads(path.read_text(encoding="utf-8"))
    # Thousands of nested brackets are valid JSON and exhaust the parser's stack.
    except (OSError, ValueError, RecursionError) as error:
        raise VocationError(f"{path} is not readable JSON ({str(error)[:120]})") from None


def _modules(files: _Files) -> tuple[str, tuple[Layer, ...]]:
    """Where the encoder is ("" or "name/"), and the layers behind it. Without modules.json: the
    folder itself, and no layers.
    """
    path = files.path("modules.json")
    entries = (
        _json(path) if path else [{"type": "sentence_transformers.models.Transformer", "path": ""}]
    )
    if (
        not isinstance(entries, list)
        or not entries
        or not all(isinstance(entry, dict) for entry in entries)
    ):
        raise VocationError(f"{path} must be a list of modules")
    found = []
    for entry in entries:
        kind, place = str(entry.get("type", "")), str(entry.get("path", ""))
        # The last part of "sentence_transformers.models.Pooling"; the package is checked below.
        short = kind.rsplit(".", 1)[-1]
        if not kind.startswith("sentence_transformers.") or short not in (
            "Transformer",
            "Pooling",
            "Normalize",
            "Dense",
        ):
            raise VocationError(
                f"{path} asks for the module {kind!r}; only Transformer, Pooling, Dense and"
                " Normalize of sentence-transformers are used"
            )
        # "1_Pooling" passes; "..", ".hidden" and "a/b" do not.
        if not re.fullmatch(r"[\w.-]*", place) or place.strip(".") != place:
            raise VocationError(
                f"{path} points to {place!r}; a module's path must be a folder right inside the"
                " model's"
            )
        found.append((short, f"{place}/" if place else ""))
    kinds = [short for short, _ in found]
    # What stands behind the pooling reads one vector a text, so it cannot come before it.
    if kinds[:2] not in (["Transformer"], ["Transformer", "Pooling"]) or {
        "Transformer",
        "Pooling",
    } & set(kinds[2:]):
        raise VocationError(
            f"{path} must name a Transformer, then a Pooling, then any Dense and Normalize; found"
            f" {', '.join(kinds)}"
        )
    return found[0][1], tuple(_layer(files, short, place) for short, place in found[1:])


def _layer(files: _Files, kind: str, place: str) -> Layer:
    settings = files.json(f"{place}config.json", needed=kind != "Normalize")
    where = files.folder / place / "config.json"
    if kind == "Pooling":
        modes = (
            settings.get("pooling_mode")
            # Several switches may be on: their vectors are joined in the order of POOLING.
            or [mode for mode, switch in POOLING.items() if settings.get(switch)]
            or "mean"
        )
        modes = tuple(modes) if isinstance(modes, list) else (modes,)
        if odd := [mode for mode in modes if not isinstance(mode, str) or mode not in POOLING]:
            raise VocationError(
                f"{where} asks for the pooling {odd[0]!r}; known are {', '.join(POOLING)}"
            )
        return Layer(kind, {"modes": modes, "prompt": settings.get("include_prompt") is not False})
    if any(
        settings.get(key) not in (None, "sentence_embedding")
        for key in ("module_input_name", "module_output_name")
    ):
        raise VocationError(
            f"{where} reads or writes something else than the sentence's embedding: choose another"
            " base model"
        )
    if kind == "Normalize":
        return Layer(kind, {})
    activation = str(settings.get("activation_function") or "torch.nn.modules.linear.Identity")
    if (
        not activation.startswith("torch.nn.modules.")
        or activation.rsplit(".", 1)[-1] not in ACTIVATIONS
        or settings.get("use_residual")
    ):
        raise VocationError(
            f"{where} asks for the activation {activation!r} or a residual; known are"
            f" {', '.join(ACTIVATIONS)}, without residual"
        )
    weights = files.path(f"{place}model.safetensors")
    if weights is None:
        raise VocationError(
            f"{files.folder / place} has no weights in the safetensors format (model.safetensors):"
            " choose a base model that does"
        )
    return Layer(
        kind,
        {"activation": activation.rsplit(".", 1)[-1], "bias": settings.get("bias") is not False},
        weights,
    )


def _kind(settings: dict[str, Any], folder: Path) -> str:
    kind = settings.get("model_type")
    if kind not in KINDS:
        raise VocationError(
            f"{folder} is a model of the kind {kind!r}; base models may be {', '.join(KINDS)}"
        )
    for key, most in _SANE.items():
        value = settings.get(key, settings.get(_ALIASES.get(key, key), 1))
        # bool is a subclass of int, and `true` would pass as 1.
        if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= most:
            raise VocationError(
                f"{folder / 'config.json'}: {key} must be a whole number from 1 to {most:,}, found"
                f" {value!r}"
            )
    return str(kind)


def _weights(files: _Files, root: str) -> tuple[Path, ...]:
    whole = files.path(f"{root}model.safetensors")
    if whole is not None:
        return (whole,)
    listed = files.json(f"{root}model.safetensors.index.json").get("weight_map")
    shards = sorted(set(map(str, listed.values()))) if isinstance(listed, dict) else []
    if not shards:
        raise VocationError(
            f"{files.folder} has no weights in the safetensors format (model.safetensors); other"
            " formats can run code and are not opened: choose a base model that has them, or"
            " download it again"
        )
    found = []
    for name in shards:
        path = (
            files.path(f"{root}{name}")
            # "model-00001-of-00002.safetensors" passes, "../x.safetensors" and ".bin" do not.
            if re.fullmatch(r"[\w-][\w.-]*\.safetensors", name)
            else None
        )
        if path is None:
            raise VocationError(
                f"{files.folder} lacks the part {name!r} of its weights: download the base model"
                " again"
            )
        found.append(path)
    return tuple(found)


def _longest(settings: dict[str, Any], kind: str, limit: Any, folder: Path) -> int:
    """Tokens that the model reads at a time: its own `limit` where it names one, and never more
    than it has positions for.
    """
    positions = settings.get("max_position_embeddings", _LONGEST)
    if kind in _SHIFTED:
        # MPNet's positions start behind place 1 whatever its config.json calls the padding.
        pad = 1 if kind == "mpnet" else settings.get("pad_token_id", 1)
        positions -= (pad if isinstance(pad, int) else 1) + 1
    # Tokenizers without a limit of their own name a huge number: `min` makes it harmless.
    named = isinstance(limit, (int, float)) and not isinstance(limit, bool) and limit > 0
    longest = int(min(_LONGEST, positions, limit if named else _LONGEST))
    if longest < _LEAST:
        raise VocationError(
            f"{folder} reads only {longest} tokens at a time; at least {_LEAST} are needed: choose"
            " another base model"
        )
    return longest


def _prompt(files: _Files) -> str:
    """The model's own default prompt; "" where it has none. Prompts that are not the default are
    for uses that are not ours.
    """
    settings = files.json("config_sentence_transformers.json")
    name = settings.get("default_prompt_name")
    prompts = settings.get("prompts")
    if name is None:
        return ""
    if (
        not isinstance(name, str)
        or not isinstance(prompts, dict)
        or not isinstance(prompts.get(name), str)
    ):
        raise VocationError(
            f"{files.folder / 'config_sentence_transformers.json'} names the prompt {name!r} but"
            " does not have it among its prompts"
        )
    return str(prompts[name])


def _token(value: Any) -> str | None:
    """A special token of tokenizer_config.json: a string, or an object with its content."""
    value = value.get("content") if isinstance(value, dict) else value
    return value if isinstance(value, str) else None
