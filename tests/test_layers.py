"""The rooms of the house: a file imports from its own room and from rooms to the left, and heavy
libraries stay where they belong.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "vocation"
ROOMS = [
    "text",
    "data",
    "bundle",
    "serving",
    "augment",
    "fairness",
    "reports",
    "training",
    "hub",
    "doctor",
    "cli",
]  # README: "Where things are"
SERVING = ("text", "bundle", "serving")
TRAINING_ONLY = {
    "torch",
    "transformers",
    "sentence_transformers",
    "sklearn",
    "imblearn",
    "scipy",
    "onnx",
    "accelerate",
    "safetensors",
    "huggingface_hub",
    "optuna",
}


def imports(path: Path) -> set[str]:
    """Every module that a file imports, also inside functions; not what only type checkers see."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    unseen = {
        child
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for child in ast.walk(node)
    }
    found = set()
    for node in ast.walk(tree):
        if node in unseen:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def room(path: Path) -> str:
    relative = path.relative_to(SOURCE)
    return relative.parts[0] if len(relative.parts) > 1 else relative.stem


@pytest.mark.parametrize(
    "path", sorted(SOURCE.rglob("*.py")), ids=lambda path: str(path.relative_to(SOURCE))
)
def test_imports_point_to_the_left(path: Path) -> None:
    own = room(path)
    if own == "__init__":
        return  # the package's door loads its public names by name
    # The core (the files directly in the package) may clean a text and nothing else; everybody may
    # use the core.
    allowed = ROOMS[: ROOMS.index(own) + 1] if own in ROOMS else ["text"]
    for module in imports(path):
        top, _, rest = module.partition(".")
        if top == "vocation" and (used := rest.split(".")[0]) in ROOMS:
            assert used in allowed, (
                f"{own}/{path.name} stands left of {used} and must not import it"
            )
        if top in TRAINING_ONLY:
            assert own == "training" or (own, top) == ("hub", "huggingface_hub"), (
                f"{own}/{path.name} imports {top}, which only training may"
            )
        if own in SERVING and path.name not in ("batch.py", "inputs.py"):
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
