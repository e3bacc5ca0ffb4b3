"""A file imports only files above it in the design's table, and heavy libraries stay where the table says."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "vocation"

# From top to bottom: a file may import what stands in an earlier line. `errors` is open to everybody.
ORDER = [
    "errors", "text", "records", "finding", "progress", "gender", "person", "inflection", "negation", "skills", "pay", "tasks", "words", "languages",
    "config", "ensemble", "strict", "zips", "pickles", "places", "bundle", "graph", "tokens", "runtime", "model", "recommend", "decoding", "reading",
    "figures", "sources", "report", "duplicates", "advice", "dataset", "split", "augment", "metrics", "membership", "batch", "suspects", "audit",
    "signs", "card", "checklist", "runs", "training", "hub", "doctor", "cli",
]  # fmt: skip
SERVING = [
    "errors", "text", "records", "progress", "gender", "person", "inflection", "negation", "skills", "pay", "tasks", "words", "languages", "config",
    "ensemble", "strict", "zips", "pickles", "places", "bundle", "graph", "tokens", "runtime", "model", "recommend", "__init__",
]  # fmt: skip
TRAINING_ONLY = {
    "torch", "transformers", "sentence_transformers", "sklearn", "imblearn", "scipy", "onnx", "accelerate", "safetensors", "huggingface_hub",
    "optuna", "sqlalchemy",
}  # fmt: skip


def imports(path: Path) -> set[str]:
    """Every module that a file imports, also inside functions; not what only type checkers see."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped = {child for node in ast.walk(tree) if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test) for child in ast.walk(node)}
    found = set()
    for node in ast.walk(tree):
        if node in skipped:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | ({f"vocation.{alias.name}" for alias in node.names} if node.module == "vocation" else set())
    return found


def layer(path: Path) -> str:
    relative = path.relative_to(SOURCE)
    return relative.parts[0] if len(relative.parts) > 1 else relative.stem


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda path: str(path.relative_to(SOURCE)))
def test_imports_point_upwards(path: Path) -> None:
    own = layer(path)
    if own == "__init__":
        return  # the public door loads lazily by name
    for module in imports(path):
        if module.startswith("vocation."):
            used = module.split(".")[1]
            allowed = ORDER[: ORDER.index(own) + 1]
            if used in ORDER:
                assert used in allowed, f"{path.name} stands above {used} and must not import it"
        top = module.split(".")[0]
        if top in TRAINING_ONLY:
            allowed_here = own == "training" or (own, top) == ("hub", "huggingface_hub")
            assert allowed_here, f"{path.name} imports {top}, which only training/ may"
        if own in SERVING:
            assert top != "pandas", f"{path.name} serves and must not import pandas"


def test_serving_loads_no_training_library(bundle_folder: Path) -> None:
    """A fresh process that recommends has none of them in memory."""
    code = f"""
import sys
import vocation
assert not {{"numpy", "onnxruntime"}} & set(sys.modules), "importing vocation must import nothing heavy"
answer = vocation.load_model({str(bundle_folder)!r}).recommend("I write Python code all day", explain=True)
assert answer.careers
print(",".join(sorted({{name.split(".")[0] for name in sys.modules}} & {TRAINING_ONLY | {"pandas"}!r})))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ""
