"""The import rule: from the same room or from rooms to the left, torch in training, HTTP in api."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "vocation"
# fmt: off
ROOMS = (  # README: "Where things are"
    "text", "data", "bundle", "importing", "serving", "augment", "fairness", "reports", "feedback", "api",
    "engines", "training", "owner", "hub", "doctor", "cli",
)
SERVING = ("text", "bundle", "serving")
TRAINING_ONLY = {
    "torch", "transformers", "sentence_transformers", "sklearn", "imblearn", "scipy", "onnx",
    "accelerate", "safetensors", "huggingface_hub", "optuna",
}
API_ONLY = {"fastapi", "starlette", "pydantic", "uvicorn", "prometheus_client"}
# fmt: on


def imports(path: Path) -> set[str]:
    """Every module that a file imports, also inside functions; not what only type checkers see."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    guards = [node for node in ast.walk(tree) if isinstance(node, ast.If)]
    guards = [node for node in guards if "TYPE_CHECKING" in ast.unparse(node.test)]
    unseen = {child for guard in guards for child in ast.walk(guard)}
    found = set()
    for node in set(ast.walk(tree)) - unseen:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def room(path: Path) -> str:
    relative = path.relative_to(SOURCE)
    return relative.parts[0] if len(relative.parts) > 1 else relative.stem


FILES = sorted(SOURCE.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_imports_point_to_the_left(path: Path) -> None:
    own = room(path)
    if own in ("__init__", "__main__"):
        return  # the package's public names, each loaded when it is asked for; its command line
    # The core (files directly in the package) may import text.clean; everybody may import the core.
    allowed = ROOMS[: ROOMS.index(own) + 1] if own in ROOMS else ("text",)
    name = f"{own}/{path.name}"
    for module in imports(path):
        top, _, rest = module.partition(".")
        if top == "vocation" and (used := rest.split(".")[0]) in ROOMS:
            assert used in allowed, f"{name} is left of {used} and must not import it"
        if top in TRAINING_ONLY:
            hub = (own, top) == ("hub", "huggingface_hub")
            assert own == "training" or hub, f"{name} imports {top}, which only training may"
        if top in API_ONLY:
            assert own == "api", f"{name} imports {top}, which only api may"
        assert top != "ray" or own == "engines", f"{name} imports ray, which only engines.py may"
        if own in SERVING and path.name not in ("batch.py", "inputs.py", "writing.py"):
            assert top != "pandas", f"{name} must not import pandas to answer"


def test_serving_loads_no_training_library(bundle_folder: Path) -> None:
    """A fresh process that recommends has none of them in memory."""
    heavy = sorted(TRAINING_ONLY | API_ONLY | {"pandas"})
    code = f"""
import sys, vocation, vocation.cli
vocation.cli.parser()
assert not {{"numpy", "onnxruntime"}} & set(sys.modules), "vocation --help must load nothing heavy"
model = vocation.load_model({str(bundle_folder)!r})
assert model.recommend("I write Python code all day", explain=True).careers
print(",".join(sorted({{name.split(".")[0] for name in sys.modules}} & set({heavy!r}))))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ""
