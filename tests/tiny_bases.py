"""Base models with random weights, a few thousand numbers large, in the shapes that real ones have;
for tests.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from conftest import TINY
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

from vocation.base_languages import MANY

TEXTS = [text for texts in TINY.values() for text in texts]
WIDTH = 32
Words = Callable[[], tuple[Tokenizer, dict[str, str]]]


def wordpiece() -> tuple[Tokenizer, dict[str, str]]:
    """BERT's way: [CLS] ... [SEP], padding 0."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    tokenizer.train_from_iterator(
        TEXTS,
        trainers.WordPieceTrainer(vocab_size=400, special_tokens=special, show_progress=False),
    )
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return tokenizer, {
        "pad_token": "[PAD]",
        "unk_token": "[UNK]",
        "cls_token": "[CLS]",
        "sep_token": "[SEP]",
    }


def unigram() -> tuple[Tokenizer, dict[str, str]]:
    """SentencePiece's way, as XLM-R has it: <s> ... </s>, padding 1."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer, tokenizer.pre_tokenizer = normalizers.NFKC(), pre_tokenizers.Metaspace()
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    tokenizer.train_from_iterator(
        TEXTS,
        trainers.UnigramTrainer(
            vocab_size=400, special_tokens=special, unk_token="<unk>", show_progress=False
        ),
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return tokenizer, {
        "pad_token": "<pad>",
        "unk_token": "<unk>",
        "cls_token": "<s>",
        "sep_token": "</s>",
    }


def many_languages() -> tuple[Tokenizer, dict[str, str]]:
    """As `unigram`, with the letters of Spanish and as many tokens as a multilingual model has."""
    tokenizer, names = unigram()
    state = json.loads(tokenizer.to_str())
    known = {piece for piece, _ in state["model"]["vocab"]}
    letters = [
        [letter, -8.0] for letter in "abcdefghijklmnopqrstuvwxyzáéíóúüñ" if letter not in known
    ]
    missing = MANY + 1 - len(known) - len(letters)
    state["model"]["vocab"] += letters + [[f"\u2581{number}", -30.0] for number in range(missing)]
    return Tokenizer.from_str(json.dumps(state)), names


def bytelevel() -> tuple[Tokenizer, dict[str, str]]:
    """RoBERTa's way: the blank before a word belongs to the word."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    special, alphabet = ["<s>", "<pad>", "</s>"], pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=500, special_tokens=special, initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(TEXTS, trainer)
    tokenizer.post_processor = processors.RobertaProcessing(
        ("</s>", 2), ("<s>", 0), add_prefix_space=False
    )
    return tokenizer, {"pad_token": "<pad>", "cls_token": "<s>", "sep_token": "</s>"}


def make(
    folder: Path,
    kind: str,
    words: Words,
    pooling: Any = "mean",
    prompt: str | None = None,
    include_prompt: bool = True,
    max_seq_length: int = 40,
) -> Path:
    """A folder as sentence-transformers saves it: an encoder of `kind` with two layers of WIDTH
    numbers, its tokenizer, its pooling.
    """
    import torch
    from transformers import MODEL_MAPPING, AutoConfig, PreTrainedTokenizerFast

    torch.manual_seed(0)
    tokenizer, names = words()
    numbers = {f"{name}_id": tokenizer.token_to_id(token) for name, token in names.items()}
    sizes = {
        "hidden_size": WIDTH,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 64,
        "max_position_embeddings": 50,
    }
    more = (
        {key: numbers[f"{key[:3]}_token_id"] for key in ("cls_token_id", "sep_token_id")}
        if kind == "modernbert"
        else {}
    )
    config = AutoConfig.for_model(
        kind,
        vocab_size=tokenizer.get_vocab_size() + 3,
        pad_token_id=numbers["pad_token_id"],
        **sizes,
        **more,
    )
    model = MODEL_MAPPING[type(config)](config)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() > 1:
                parameter *= 6  # weights as far from each other as learnt ones
    model.save_pretrained(folder)
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names).save_pretrained(folder)
    write(folder, "modules.json", [module("Transformer", ""), module("Pooling", "1_Pooling")])
    write(
        folder,
        "1_Pooling/config.json",
        {"embedding_dimension": WIDTH, "pooling_mode": pooling, "include_prompt": include_prompt},
    )
    write(folder, "sentence_bert_config.json", {"max_seq_length": max_seq_length})
    if prompt:
        write(
            folder,
            "config_sentence_transformers.json",
            {"prompts": {"query": prompt}, "default_prompt_name": "query"},
        )
    return folder


def module(kind: str, path: str) -> dict[str, Any]:
    """An entry of modules.json."""
    return {
        "idx": int(path[:1] or 0),
        "name": path[:1] or "0",
        "path": path,
        "type": f"sentence_transformers.models.{kind}",
    }


def write(folder: Path, name: str, content: Any) -> None:
    """A JSON file in `folder`."""
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(json.dumps(content), encoding="utf-8")
