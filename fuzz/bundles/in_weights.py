"""PyTorch weights and base models that lie: what training goes on from."""

from __future__ import annotations

import io
import json
import pickle
import shutil
import struct
import zipfile
from pathlib import Path
from typing import Any

import torch

from vocation.bundle import layout
from vocation.training import pytorch_file

from .cases import START, WHOLE, Case, technique
from .in_pickles import SINGLE, torch_zip

_META = "PyTorch advisory CVE-2025-32434 and GHSA-53q9-r3pm-6pq6: what weights_only lets pass"
_AUTO = "Hugging Face transformers documentation, trust_remote_code; ProtectAI, auto_map, 2023"
_BOTH = (*WHOLE, *START, "complete")


def _weights(case: Case) -> dict[str, Any]:
    content: dict[str, Any] = pytorch_file.load(
        io.BytesIO(case.read(layout.WEIGHTS)), layout.WEIGHTS
    )
    return content


def _save(case: Case, content: Any) -> None:
    stream = io.BytesIO()
    torch.save(content, stream)
    case.put(layout.WEIGHTS, stream.getvalue())


@technique(_META, (*WHOLE, *START), SINGLE)
def tensors_larger_than_their_numbers(case: Case) -> None:
    content = _weights(case)
    name = case.rng.choice(
        [
            "classifier.0.weight",
            "classifier.3.weight",
            "classifier.0.bias",
            *list(content["model_state_dict"])[:2],
        ]
    )
    shape = case.rng.choice(
        [(2**20, 2**12), (2**40,), tuple(content["model_state_dict"][name].shape)]
    )
    content["model_state_dict"][name] = torch.zeros(1, dtype=torch.float16).expand(shape)
    _save(case, content)


@technique(_META, START, SINGLE)
def more_careers_than_weights(case: Case) -> None:
    content = _weights(case)
    content["classes"] = case.rng.choice(
        [["A"] * 3_000_000, [f"C{i}" for i in range(300_000)], "Baker", [1, 2], None, []]
    )
    _save(case, content)


@technique(_META, (*WHOLE, *START), SINGLE)
def weights_that_are_no_numbers(case: Case) -> None:
    content = _weights(case)
    name = case.rng.choice(sorted(content["model_state_dict"]))
    table = content["model_state_dict"][name] = content["model_state_dict"][name].clone()
    table.view(-1)[-1] = case.rng.choice([float("nan"), float("inf")])
    _save(case, content)


@technique("MITRE CWE-610, CWE-918: a place of the file's choice", ("complete",), SINGLE)
def base_model_of_its_choice(case: Case) -> None:
    content = _weights(case)
    places = ["/etc", "//host/share", "\\\\host\\share", "../etc", "stranger/evil-base", ".", ".."]
    content["config"]["base_model"] = case.rng.choice(places)
    _save(case, content)


@technique("MITRE CWE-789: sizes by what a file says", (*WHOLE, *START), SINGLE)
def settings_that_lie(case: Case) -> None:
    content = _weights(case)
    key, values = case.rng.choice(
        [
            ("hidden_dim", [4096, -1, "x", 2**40]),
            ("base_model", [5, ""]),
            ("max_length", [10**9, "x"]),
        ]
    )
    content["config"] = {**content["config"], key: case.rng.choice(values)}
    _save(case, content)


@technique(_META, START, SINGLE)
def other_things_than_tensors(case: Case) -> None:
    content = _weights(case)
    states: list[Any] = [
        [],
        "x",
        {"classifier.0.weight": "x"},
        {5: torch.zeros(1)},
        {},
        dict.fromkeys(content["model_state_dict"]),
    ]
    _save(
        case,
        case.rng.choice(
            [
                {**content, "model_state_dict": case.rng.choice(states)},
                [content],
                {"a": 1},
                torch.zeros(3),
            ]
        ),
    )


@technique(_META, _BOTH, SINGLE)
def whole_models(case: Case) -> None:
    """A pickled network instead of plain tensors, as older implementations shipped it."""
    _save(case, {**_weights(case), "model_state_dict": torch.nn.Linear(2, 2)})


@technique("MITRE CWE-409: weights that shrink to nothing", _BOTH, SINGLE)
def packed_weights(case: Case) -> None:
    content = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(case.read(layout.WEIGHTS))) as old,
        zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for info in old.infolist():
            new.writestr(
                info.filename,
                bytes(100_000_000) if info.filename.endswith("data/0") else old.read(info),
            )
    case.put(layout.WEIGHTS, content.getvalue())


@technique("MITRE CWE-436: two readers of one zip", _BOTH, SINGLE)
def weights_of_two_faces(case: Case) -> None:
    from .in_pickles import payload

    other = torch_zip(case, payload(case))
    content = case.read(layout.WEIGHTS)
    case.put(
        layout.WEIGHTS,
        case.rng.choice([other + content, content + other, b"\x80\x02." + content, content + b"x"]),
    )


@technique("torch.serialization: older formats are pickles one behind the other", _BOTH, SINGLE)
def older_format(case: Case) -> None:
    stream = io.BytesIO()
    torch.save(_weights(case), stream, _use_new_zipfile_serialization=False)
    case.put(layout.WEIGHTS, stream.getvalue())


@technique("MITRE CWE-789: lists that fill the memory", _BOTH, SINGLE)
def giant_pickle(case: Case) -> None:
    data = b"\x80\x02" + b"(" + b"]" * 17_000_000 + b"l."
    case.put(layout.WEIGHTS, torch_zip(case, data) if case.rng.random() < 0.5 else data)


@technique("Python documentation, pickle; only for who opens it by hand", WHOLE, SINGLE)
def labels_that_hide(case: Case) -> None:
    """No function, and yet no LabelEncoder: other classes, buffers from outside, memory by what the
    file says.
    """
    huge = b"\x80\x04\x8e" + struct.pack("<Q", 2**40) + b"."
    other = pickle.dumps({"classes_": io.BytesIO(b"x")}, protocol=case.rng.randrange(2, 6))
    case.put(
        layout.LABELS,
        case.rng.choice([huge, other, b"", b"\x80", b"\x80\xff.", b"." * 10, b"\x80\x05\x97."]),
    )


# --------------------------------------------------------------------------------------------------


def _base(case: Case) -> Path:
    """The base model that the weights name, copied beside the bundle; the weights name the copy
    from now on.
    """
    content = _weights(case)
    folder = case.folder.parent / "base"
    shutil.copytree(content["config"]["base_model"], folder)
    content["config"] = {**content["config"], "base_model": str(folder)}
    _save(case, content)
    return folder


def _edit(path: Path, **changes: Any) -> None:
    value = json.loads(path.read_text("utf-8")) if path.exists() else {}
    path.write_text(json.dumps({**value, **changes}), "utf-8")


def base_technique(source: str) -> Any:
    return technique(source, START, ("tiny", "tasks"))


@base_technique(_AUTO)
def code_in_the_configuration(case: Case) -> None:
    folder = _base(case)
    (folder / "evil.py").write_text(f"open({str(case.canary)!r}, 'w')", "utf-8")
    maps = {
        "AutoModel": "evil.Evil",
        "AutoConfig": "evil.Evil",
        "AutoTokenizer": ["evil.Evil", None],
    }
    name = case.rng.choice(
        ["config.json", "tokenizer_config.json", "config_sentence_transformers.json"]
    )
    changes = {"auto_map": maps, "trust_remote_code": True}
    _edit(folder / name, **changes)


@base_technique(_AUTO)
def class_of_its_own(case: Case) -> None:
    folder = _base(case)
    _edit(
        folder / "config.json",
        model_type=case.rng.choice(["evil", "llava", "../evil", None, 5, ["bert"]]),
        architectures=["Evil"],
    )


@base_technique("transformers documentation, kernels from the hub; CVE-2025-14921 and kin")
def libraries_of_its_own(case: Case) -> None:
    folder = _base(case)
    _edit(
        folder / "config.json",
        **case.rng.choice(
            [
                {"quantization_config": {"quant_method": "evil"}},
                {"custom_pipelines": {"a": {"impl": "evil.Evil"}}},
            ]
        ),
    )


@base_technique("PEFT documentation: adapters name another base model")
def adapter(case: Case) -> None:
    folder = _base(case)
    _edit(
        folder / "adapter_config.json",
        base_model_name_or_path="evil/evil",
        peft_type="LORA",
        auto_mapping={"parent_library": "evil"},
    )


@base_technique("sentence-transformers, modules.json: import by name, GHSA for versions before 6")
def modules_of_its_own(case: Case) -> None:
    folder = _base(case)
    modules = json.loads((folder / "modules.json").read_text("utf-8"))
    kind, path = case.rng.choice(
        [
            ("evil.Evil", ""),
            ("os.system", ""),
            ("sentence_transformers.models.Asym", ""),
            ("sentence_transformers.models.Pooling", "../../canary"),
            ("sentence_transformers.models.Dense", "/etc"),
            ("sentence_transformers.models.WordEmbeddings", ""),
        ]
    )
    modules[-1] |= {"type": kind, "path": path}
    (folder / "modules.json").write_text(json.dumps(modules), "utf-8")


@base_technique("sentence-transformers: activation functions by name")
def activation_of_its_own(case: Case) -> None:
    folder = _base(case)
    modules = json.loads((folder / "modules.json").read_text("utf-8"))
    modules.append(
        {"idx": 2, "name": "2", "path": "2_Dense", "type": "sentence_transformers.models.Dense"}
    )
    (folder / "modules.json").write_text(json.dumps(modules), "utf-8")
    (folder / "2_Dense").mkdir()
    _edit(
        folder / "2_Dense" / "config.json",
        activation_function=case.rng.choice(["os.system", "torch.hub.load", "builtins.eval"]),
        in_features=32,
        out_features=8,
    )


@base_technique(_META)
def only_pickled_weights(case: Case) -> None:
    from .in_pickles import payload

    folder = _base(case)
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(torch_zip(case, payload(case)))


@base_technique("safetensors format: header that lies; Trail of Bits review of safetensors, 2023")
def safetensors_that_lie(case: Case) -> None:
    folder = _base(case)
    head = {"a": {"dtype": "F32", "shape": [2**40], "data_offsets": [0, 2**42]}}
    text = json.dumps(head).encode()
    ways = [
        struct.pack("<Q", 2**60),
        struct.pack("<Q", len(text)) + text,
        struct.pack("<Q", 5) + b"[[[[[",
        b"",
    ]
    (folder / "model.safetensors").write_bytes(case.rng.choice(ways))


@base_technique("MITRE CWE-59: a link that leads out of the folder")
def linked_base(case: Case) -> None:
    folder = _base(case)
    name = case.rng.choice(["model.safetensors", "config.json", "tokenizer.json"])
    outside = case.folder.parent / name
    shutil.move(folder / name, outside)
    (folder / name).symlink_to(outside)


@base_technique("MITRE CWE-789: sizes by what a file says")
def giant_base(case: Case) -> None:
    folder = _base(case)
    _edit(
        folder / "config.json",
        **case.rng.choice(
            [
                {"hidden_size": 10**7},
                {"vocab_size": 10**9},
                {"num_hidden_layers": 10**6},
                {"hidden_size": "x"},
                {"hidden_size": 8192},
            ]
        ),
    )


@base_technique(
    "CVE-2024-34359 and kin: chat templates in Jinja run code; here with a configuration that is"
    " refused"
)
def chat_template(case: Case) -> None:
    folder = _base(case)
    template = (
        "{% for c in ().__class__.__base__.__subclasses__() %}{{"
        " c.__init__.__globals__['os'].system('touch canary') }}{% endfor %}"
    )
    _edit(
        folder / "tokenizer_config.json",
        chat_template=template,
        auto_map={"AutoTokenizer": "evil.Evil"},
    )
    (folder / "chat_template.jinja").write_text(template, "utf-8")
