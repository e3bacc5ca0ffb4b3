"""JSON that lies, and tokenizers."""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Callable
from typing import Any

from vocation.bundle import ensemble, layout

from .cases import Case, technique

_SERIOT = "N. Seriot, Parsing JSON is a minefield, 2016"
_REDOS = "OWASP, Regular expression denial of service; Oniguruma CVE-2019-16163"
_LAUGHS = "CVE-2003-1564, billion laughs"
_SHAPES = "MITRE CWE-843: another type than was agreed"
_FILES = (layout.METADATA, layout.PROFILES, layout.TOKENIZER, layout.MANIFEST)
_TASKED = ("tasks", "default")


def _name(case: Case, names: tuple[str, ...] = _FILES) -> str:
    name = case.rng.choice(names)
    case.note = name
    if name == layout.MANIFEST:
        case.sealed = False
    return case.file(name) if name != layout.MANIFEST else name


def _inside(case: Case, name: str, text: str) -> None:
    """Put `text` as one more value into the object, or the first object, of a JSON file."""
    content = case.read(name).decode()
    at = content.index("{") + 1
    case.put(
        name, (content[:at] + f'"more": {text}, ' + content[at:]).encode("utf-8", "surrogatepass")
    )


@technique(_SERIOT)
def deep(case: Case) -> None:
    depth = case.rng.choice([2_000, 100_000, 900_000])
    _inside(
        case,
        _name(case),
        case.rng.choice(
            ["[" * depth + "]" * depth, '{"a":' * depth + "1" + "}" * depth, "[" * depth]
        ),
    )


@technique(_SERIOT)
def no_number(case: Case) -> None:
    _inside(
        case,
        _name(case, _FILES[:2]),
        case.rng.choice(["NaN", "Infinity", "-Infinity", "[NaN]", "1e999", "-1e400"]),
    )


@technique("CVE-2020-10735: whole numbers that take hours")
def long_number(case: Case) -> None:
    _inside(
        case,
        _name(case, (*_FILES[:2], layout.MANIFEST)),
        case.rng.choice(["9" * 4_000, "9" * 900_000, "-" + "1" * 30]),
    )


@technique("Bishop Fox, JSON interoperability vulnerabilities, 2021: a key twice")
def key_twice(case: Case) -> None:
    name = _name(case, (layout.METADATA, layout.PROFILES, layout.MANIFEST))
    content = case.read(name).decode()
    at = content.index("{") + 1
    key = {layout.MANIFEST: '"format": 1, ', layout.PROFILES: '"name": "Another", '}.get(
        name.split("-")[-1], '"classes": ["A", "B"], '
    )
    case.put(name, (content[:at] + key + content[at:]).encode())


@technique(_SERIOT)
def other_encoding(case: Case) -> None:
    name = _name(case)
    content = case.read(name).decode()
    case.put(
        name,
        case.rng.choice(
            [
                content.encode("utf-16"),
                content.encode("utf-32"),
                b"\xef\xbb\xbf" + content.encode(),
                b"\xff" + content.encode(),
            ]
        ),
    )


@technique(_SERIOT)
def not_json(case: Case) -> None:
    name = _name(case)
    content = case.read(name)
    case.put(
        name,
        case.rng.choice(
            [
                b"",
                b"null",
                b"1",
                b'"x"',
                b"[]",
                b"{}",
                content[:-1],
                content + b"x",
                b"// note\n" + content,
                b"\0" * 500,
            ]
        ),
    )


@technique("MITRE CWE-770: one text that fills the memory")
def giant_text(case: Case) -> None:
    kind = case.rng.choice(["a", "é", "\U0001f600", "\\u00e9\\ud83d\\ude00"])
    _inside(
        case, _name(case, _FILES[:2]), '"' + kind * case.rng.choice([1_500_000, 3_900_000]) + '"'
    )


@technique("MITRE CWE-770: millions of values in a few megabytes")
def many_values(case: Case) -> None:
    text = "[" + "[]," * case.rng.choice([2_000_000, 5_000_000]) + "1]"
    _inside(case, _name(case, (layout.METADATA, layout.PROFILES)), text)


@technique("MITRE CWE-150: what a terminal obeys; CVE-2021-42574")
def control_characters(case: Case) -> None:
    name = case.file(case.rng.choice([layout.METADATA, layout.PROFILES]))
    content = case.read(name).decode()
    old = case.json(case.file(layout.METADATA))["classes"][0]
    odd = case.rng.choice(["\\u001b[2J", "\\u0000", "\\ud800", "\\u009b31m", "\\b\\b\\b", "\u009b"])
    for one in {layout.METADATA, layout.PROFILES}:
        text = case.read(case.file(one)).decode()
        case.put(
            case.file(one), text.replace(json.dumps(old), json.dumps(old)[:-1] + odd + '"').encode()
        )
    case.note = name + content[:0]


def _set(value: Any, path: tuple[Any, ...], new: Any) -> None:
    for key in path[:-1]:
        value = value[key]
    if new is None and path[-1] in ("name", "classes", "calibration", "languages", "facts"):
        del value[path[-1]]
    else:
        value[path[-1]] = new


WRONG: dict[str, list[tuple[tuple[Any, ...], list[Any]]]] = {
    layout.METADATA: [
        (("classes",), ["A", [], ["A"], [1, 2], {"A": 1}, None, ["A", "A"]]),
        (("calibration",), [[], "x", None, 3]),
        (("calibration", "weights", "ngrams"), ["x", [], {}, None, "nan", True]),
        (("calibration", "set_threshold"), ["inf", [1], {}, True]),
        (("calibration", "confidence_threshold"), ["NaN", [], {"value": 1}]),
        (("languages",), ["en", [1], {"en": 1}, None]),
        (("known_limits",), ["x", [1], {"a": 1}, 5]),
        (
            ("metrics",),
            [
                "x",
                [],
                {"test": []},
                {"test": {"accuracy": 0.9}},
                {"test": {"accuracy": {"value": "x", "low": 0, "high": 1, "n": 5}}},
            ],
        ),
        (
            ("dataset",),
            [
                "x",
                [],
                {"samples_per_source": ["qa"]},
                {"samples_per_source": {"qa": "many"}},
                {"rows": "x"},
            ],
        ),
        (("config",), ["x", [], {"base_model": 5}, {"base_model": ["a"]}]),
        (("trained",), [5, [], {"a": 1}]),
    ],
    layout.PROFILES: [
        ((0, "name"), [None, 5, "", ["A"], "A" * 5_000]),
        ((0, "skills"), ["Kneading", {"a": 1}, [5], [["x"]], [""], ["x" * 5_000], 7]),
        (
            (0, "books"),
            ["x", [{}], [{"title": "a"}], [{"title": 1, "author": "b"}], {"title": "a"}, [[1]]],
        ),
        ((0, "questions"), ["x", [5], [{"question": "a"}], [{"question": "a", "answer": 1}]]),
        ((0, "description"), [5, None, ["x"], {}]),
        (
            (0, "facts"),
            [
                "x",
                {"pay_median": "1"},
                {"nothing": 1},
                [1],
                {"interests": [1]},
                {"job_zone": True},
                {"isco08": "2221"},
                {"isco08": ["222"]},
                {"soc": ["29-1141"]},
                {"soc": ["29-1141.00"] * 21},
                {"entry_route": 5},
                {"entry_route": "x" * 501},
                None,
            ],
        ),
        ((0,), ["x", [], 5, {}]),
    ],
    layout.TASKS: [
        (("pay",), ["x", [], {"Nobody": {}}, None]),
        (("usual_skills",), ["x", [1], {"Nobody": {"a": 0.5}}, None]),
        (
            ("estimator",),
            [
                "x",
                [],
                {"offsets": "x", "weights": [], "bias": []},
                {"offsets": [[]], "weights": [[1]], "bias": [1]},
            ],
        ),
        (
            ("usual_skills",),
            [
                {"*": {"a": 2}},
                {"*": {"a": -1}},
                {"*": {"a": True}},
                {"*": {"a": "1"}},
                {"*": [1]},
                {"*": 5},
            ],
        ),
        (
            ("pay",),
            [
                {"*": {"middle": -5}},
                {"*": {"middle": 1.5}},
                {"*": 7},
                {"*": {"middle": 10**17, "low": "x"}},
                {"*": []},
            ],
        ),
    ],
}


def _wrong(kind: str) -> Callable[[Case], None]:
    def spoil(case: Case) -> None:
        name = case.file(kind)
        value = case.json(name)
        path, values = case.rng.choice(WRONG[kind])
        new = case.rng.choice(values)
        career = case.json(case.file(layout.METADATA))["classes"][0]
        if isinstance(new, dict) and "*" in new:
            new = {career: new["*"]}
        _set(value, path, new)
        case.note = f"{name} {'.'.join(map(str, path))} = {str(new)[:40]}"
        case.put_json(name, value)

    spoil.__name__ = f"wrong types in {kind}"
    return spoil


for _repeat in range(3):
    technique(_SHAPES, bases=("tiny", "tasks", "default"))(_wrong(layout.METADATA))
    technique(_SHAPES)(_wrong(layout.PROFILES))
technique(_SHAPES, bases=_TASKED)(_wrong(layout.TASKS))
technique(_SHAPES, bases=_TASKED)(_wrong(layout.TASKS))


@technique("MITRE CWE-770: more skills than can be looked for")
def many_skills(case: Case) -> None:
    value = case.json(case.file(layout.PROFILES))
    value[0]["skills"] = [f"skill {i:x} of mine" for i in range(case.rng.choice([50_000, 400_000]))]
    case.put_json(case.file(layout.PROFILES), value)


@technique("bundle format: careers in another order or under other names")
def other_careers_in_profiles(case: Case) -> None:
    value = case.json(case.file(layout.PROFILES))
    if case.rng.random() < 0.5:
        value.reverse()
    else:
        value[-1]["name"] += "s"
    case.put_json(case.file(layout.PROFILES), value)


@technique(_SHAPES, bases=("tasks",))
def estimator_of_another_network(case: Case) -> None:
    value, careers = case.json(layout.TASKS), len(case.json(layout.METADATA)["classes"])
    weights = case.rng.choice([[[0.0] * 7] * 3, [[1e9] * 96] * 3, [[0.0] * 96] * 2, [[[0.0]]] * 3])
    value["estimator"] = {
        "offsets": [10.0] * careers,
        "weights": weights,
        "bias": [0.0] * 3,
        "currency": "USD",
        "source": "x",
        "date": "x",
    }
    case.put_json(layout.TASKS, value)


@technique("bundle format: an ensemble that lies about its members", bases=("ensemble",))
def ensemble_lies(case: Case) -> None:
    value = case.json(ensemble.LIST)
    first = value["members"][0]
    ways: list[Any] = [
        {"members": []},
        {"members": [first]},
        {"members": [first] * 9},
        {"members": {"a": first}},
        {
            "members": [
                first,
                {"name": "x", "files": {**first["files"], layout.MODEL: 2, "../canary": 1}},
            ]
        },
        {"members": [first, {"name": "x", "files": {**first["files"], layout.MODEL: 8}}]},
        {"members": [{"name": "x", "files": dict.fromkeys(first["files"], 2)}, first]},
        {"members": [first, {"name": "x", "files": {**first["files"], layout.LABELS: 1}}]},
        {"members": [first, {"name": 5, "files": first["files"]}]},
        {"members": [first, {"name": "x", "files": dict.fromkeys(first["files"], True)}]},
        {"members": [first, {"name": "x", "files": dict.fromkeys(first["files"], -1)}]},
        {"members": [first, {"name": "x", "files": [["model.onnx", 1]]}]},
        [],
    ]
    case.put_json(ensemble.LIST, case.rng.choice(ways))


# --------------------------------------------------------------------------------------------------


def _tokenizer(case: Case, **changes: Any) -> None:
    name = case.file(layout.TOKENIZER)
    value = case.json(name)
    case.put_json(name, {**value, **changes})


@technique(_REDOS)
def slow_pattern(case: Case) -> None:
    patterns = [
        "(a+)+$",
        "(a|a)*b",
        "(a|aa)+$",
        "([a-zA-Z]+)*$",
        "a*a*a*a*a*b",
        "(.*a){25}",
        r"(\w+\s?)*$",
        r"(a*)\1\1\1b",
        r"(?<x>a|b\g<x>c)+",
        "(?:a?){50}a{50}",
    ]
    patterns += [
        "(((a{1,1000}){1,1000}){1,1000})",
        "a+*b",
        "(" * 3000 + ")" * 3000,
        "[a-z]*[a-z]*[a-z]*[0-9]",
        "(?:.|.)" * 30 + "[\u2603]",
        ".?" * 18 + "." * 18 + "[\u2603]",
        ".*.*[\u2603]",
        "",
        "^",
    ]
    pattern = {"Regex": case.rng.choice(patterns)}
    case.note = str(pattern)[:60]
    if case.rng.random() < 0.5:
        _tokenizer(case, normalizer={"type": "Replace", "pattern": pattern, "content": ""})
    else:
        _tokenizer(
            case,
            pre_tokenizer={
                "type": "Sequence",
                "pretokenizers": [
                    {"type": "Split", "pattern": pattern, "behavior": "Isolated", "invert": False}
                ],
            },
        )


@technique("pyo3: a panic in Rust is a BaseException")
def parts_that_panic(case: Case) -> None:
    special = {"[X]": {"id": "[X]", "ids": [1], "tokens": []}}
    ways: list[dict[str, Any]] = [
        {"normalizer": {"type": "Precompiled", "precompiled_charsmap": text}}
        for text in ("AAAA", "CAAAAP//////////YWJjAA==")
    ]
    ways += [
        {"normalizer": {"type": "Replace", "pattern": {"String": ""}, "content": "ab"}},
        {"truncation": {"max_length": 32, "strategy": "LongestFirst", "stride": 10**9}},
        {"padding": {"strategy": {"Fixed": 10**12}, "pad_id": 0, "pad_token": "[PAD]"}},
    ]
    ways += [
        {
            "post_processor": {
                "type": "TemplateProcessing",
                "single": [{"SpecialToken": {"id": name, "type_id": 0}}],
                "pair": [],
                "special_tokens": special,
            }
        }
        for name in ("[NOPE]", "[X]")
    ]
    _tokenizer(case, **case.rng.choice(ways))


@technique("bundle format: numbers out of their ranges", bases=("tiny", "tasks", "default"))
def calibration_out_of_range(case: Case) -> None:
    value = case.json(layout.METADATA)
    weights = dict.fromkeys(("classifier", "similarity", "ngrams"), case.rng.choice([-5.0, 1e308]))
    ways: list[dict[str, Any]] = [
        {"weights": weights},
        {"set_threshold": -1e300},
        {"confidence_threshold": 1e300},
        {"domain_threshold": -1e300},
        {"domain_confidence": -1.0},
    ]
    value["calibration"] |= case.rng.choice(ways)
    case.put_json(layout.METADATA, value)


@technique("MITRE CWE-770: skills of many words")
def long_skills(case: Case) -> None:
    value = case.json(case.file(layout.PROFILES))
    for number, career in enumerate(value):
        career["skills"] = ["a " * 450 + f"{number} {i}" for i in range(600)]
    case.put_json(case.file(layout.PROFILES), value)


@technique(_LAUGHS)
def growing_text(case: Case) -> None:
    one = {"type": "Replace", "pattern": {"String": "a"}, "content": "a" * 10}
    many = {"type": "Replace", "pattern": {"String": "a"}, "content": "a" * 10_000_000}
    _tokenizer(
        case,
        normalizer={
            "type": "Sequence",
            "normalizers": case.rng.choice(
                [[one] * 12, [many], [{"type": "Prepend", "prepend": "a " * 5_000_000}]]
            ),
        },
    )


@technique(_LAUGHS)
def growing_by_a_table_of_letters(case: Case) -> None:
    table = struct.pack("<I", 4) + bytes(4) + b"a" * 3_000_000 + b"\0"
    part = {"type": "Precompiled", "precompiled_charsmap": base64.b64encode(table).decode()}
    _tokenizer(
        case, normalizer={"type": "Sequence", "normalizers": [part] * case.rng.randrange(1, 5)}
    )


@technique("MITRE CWE-129: numbers beyond the table of words")
def tokens_beyond_the_table(case: Case) -> None:
    name = case.file(layout.TOKENIZER)
    value = case.json(name)
    way = case.rng.randrange(5)
    if way == 0:
        value["model"]["vocab"]["work"] = case.rng.choice([-1, 2**31, 2**32 - 1, 2**63, 1.5, "1"])
    elif way == 1:
        value["padding"]["pad_id"] = case.rng.choice([-1, 2**31, 10**6])
    elif way == 2:
        value["added_tokens"] += [
            {**value["added_tokens"][0], "id": 10**6 + i, "content": f"[NEW {i}]"}
            for i in range(200)
        ]
    elif way == 3:
        number = case.rng.choice([10**6, -5, 2**32 - 1])
        value["post_processor"] = {
            "type": "BertProcessing",
            "sep": ["[SEP]", number],
            "cls": ["[CLS]", number],
        }
    else:
        value["model"]["vocab"] = {
            word: number + 10**6 for word, number in value["model"]["vocab"].items()
        }
    case.put_json(name, value)


@technique("bundle format: no words at all")
def no_words(case: Case) -> None:
    name = case.file(layout.TOKENIZER)
    value = case.json(name)
    value["model"] = case.rng.choice(
        [
            {**value["model"], "vocab": {}},
            {**value["model"], "vocab": {"[UNK]": 0}},
            {"type": "WordLevel", "vocab": {}, "unk_token": "x"},
            {},
        ]
    )
    case.put_json(name, value)


@technique("MITRE CWE-770: windows, words and pads without end")
def endless_windows(case: Case) -> None:
    name = case.file(layout.TOKENIZER)
    value = case.json(name)
    way = case.rng.randrange(4)
    if way == 0:
        value["truncation"] = None
    elif way == 1:
        value["truncation"]["max_length"] = case.rng.choice([0, 1, 10**6, 2**62, -1])
    elif way == 2:
        value["model"]["max_input_chars_per_word"] = 2**40
    else:
        single = [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}] * 200_000 + [
            {"Sequence": {"id": "A", "type_id": 0}}
        ]
        special = {"[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]}}
        value["post_processor"] = {
            "type": "TemplateProcessing",
            "single": single,
            "pair": single,
            "special_tokens": special,
        }
    case.put_json(name, value)


@technique("MITRE CWE-330: a reader that reads differently every time")
def random_reader(case: Case) -> None:
    _tokenizer(
        case,
        model={
            "type": "BPE",
            "dropout": 0.5,
            "unk_token": None,
            "vocab": {chr(97 + i): i for i in range(26)},
            "merges": [],
        },
    )


@technique("MITRE CWE-770: more words than the network has")
def giant_vocabulary(case: Case) -> None:
    name = case.file(layout.TOKENIZER)
    value = case.json(name)
    value["model"]["vocab"] |= {f"w{i}": i for i in range(case.rng.choice([600_000, 2_000_000]))}
    case.put_json(name, value)


@technique(_SHAPES)
def other_parts(case: Case) -> None:
    part = case.rng.choice(
        ["normalizer", "pre_tokenizer", "post_processor", "model", "added_tokens"]
    )
    _tokenizer(
        case,
        **{
            part: case.rng.choice(
                [
                    {"type": "Custom"},
                    {"type": "../canary"},
                    5,
                    "x",
                    [5],
                    {"type": "Lowercase", "type2": {}} if part == "model" else {},
                ]
            )
        },
    )
