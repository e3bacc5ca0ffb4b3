"""Rewriting by a sequence-to-sequence model that lies on this machine: a `generate` for
`augment_data`. Nothing is fetched, no code of it runs.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import torch
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

from vocation.errors import VocationError

_LENGTH = 128  # tokens, of a text and of what is made of it


class LocalRewriter:
    """Samples from the model in a folder, such as a T5 that was trained to paraphrase."""

    def __init__(
        self,
        folder: str | Path,
        prefix: str = "paraphrase: ",
        seed: int = 42,
        temperature: float = 1.0,
    ) -> None:
        """prefix: what the model expects before a text. The same folder, seed and texts give the
        same answers on the same machine.

        Raises VocationError where the folder does not hold such a model with weights as
        .safetensors.
        """
        path = Path(folder).expanduser()
        _check(path)
        try:
            self._tokenizer = AutoTokenizer.from_pretrained(
                str(path), local_files_only=True, trust_remote_code=False
            )
            self._model = AutoModelForSeq2SeqLM.from_pretrained(
                str(path), local_files_only=True, trust_remote_code=False, use_safetensors=True
            )
        except (OSError, ValueError, KeyError) as error:
            why = " ".join(str(error).split())[:160]
            raise VocationError(
                f"{path} does not hold a sequence-to-sequence model ({why}): give the folder of a"
                " T5, BART or the like"
            ) from None
        self._model = self._model.to("cuda" if torch.cuda.is_available() else "cpu").eval()
        self._prefix, self._seed, self._temperature = prefix, seed, temperature

    def __call__(self, texts: Sequence[str], count: int) -> list[list[str]]:
        """For each text `count` rewritten ones."""
        answers = []
        for text in texts:
            feed = self._tokenizer(
                self._prefix + text, return_tensors="pt", truncation=True, max_length=_LENGTH
            ).to(self._model.device)
            with torch.random.fork_rng(), torch.no_grad():
                torch.manual_seed(self._seed)
                made = self._model.generate(
                    input_ids=feed["input_ids"],
                    attention_mask=feed["attention_mask"],
                    do_sample=True,
                    temperature=self._temperature,
                    top_p=0.95,
                    num_return_sequences=count,
                    max_new_tokens=_LENGTH,
                )
            answers.append(
                [
                    line.strip()
                    for line in self._tokenizer.batch_decode(made, skip_special_tokens=True)
                ]
            )
        return answers


def _check(folder: Path) -> None:
    if not (folder / "config.json").is_file():
        raise VocationError(
            f"{folder} is not a model's folder: expected config.json, weights as .safetensors and a"
            " tokenizer in it"
        )
    if not list(folder.glob("*.safetensors")):
        raise VocationError(
            f"{folder} has no weights in the safetensors format (*.safetensors): choose a model"
            " that does"
        )
    for name in ("config.json", "tokenizer_config.json"):
        file = folder / name
        try:
            content = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
        except (OSError, ValueError) as error:
            raise VocationError(f"{file} is not readable JSON ({error})") from None
        if "auto_map" in content:
            raise VocationError(
                f"{file} asks for code of its own (auto_map), which is never run: choose another"
                " model"
            )
