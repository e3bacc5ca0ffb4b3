"""The notebook as Colab runs it: every cell in a fresh kernel, with a stand-in for `google.colab`;
only the preset is changed.
"""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
import tomllib
import types
import zipfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

import vocation
from vocation.config import PRESETS, TrainConfig
from vocation.data import dataset

ROOT = Path(__file__).parents[1]
NOTEBOOK = ROOT / "colab" / "Multi_Source_Career_Model_Training.ipynb"
GUIDE_FILES = {
    "career_model_cpu.pth",
    "label_encoder.pkl",
    "career_embeddings.npy",
    "model_metadata.json",
}
GUIDE_MODELS = (
    "all-MiniLM-L6-v2",
    "all-MiniLM-L12-v2",
    "all-mpnet-base-v2",
    "paraphrase-multilingual-MiniLM-L12-v2",
)

COLAB = '''
import os
from pathlib import Path

def upload():
    """{file name: content} of what lies in `chosen`, as Colab returns it; no such folder is a press on Cancel."""
    return {path.name: path.read_bytes() for path in sorted(Path("chosen").glob("*"))}

def download(path):
    with open("offered.txt", "a") as file:
        print(os.path.abspath(path), file=file)
'''


def read() -> Any:
    return nbformat.read(NOTEBOOK, as_version=4)


def source(name: str) -> str:
    return next(cell.source for cell in read().cells if cell.id == name)


def execute(notebook: Any, folder: Path) -> dict[str, str]:
    """Run the notebook in `folder` and return what each code cell printed or showed as text; a
    warning on standard error fails.
    """
    stand_in = (
        folder / "stand-in" / "google" / "colab"
    )  # no __init__.py in google: protobuf lives there as well
    stand_in.mkdir(parents=True)
    (stand_in / "drive.py").write_text("def mount(folder): raise AssertionError(folder)\n", "utf-8")
    (stand_in / "__init__.py").touch()
    (stand_in / "files.py").write_text(COLAB, encoding="utf-8")
    paths = [
        str(folder / "stand-in"),
        str(Path(vocation.__file__).parents[1]),
        os.environ.get("PYTHONPATH", ""),
    ]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    environment.pop("MPLBACKEND", None)  # the kernel's own choice is the inline one
    environment["PYTHONWARNINGS"] = (
        "ignore:IProgress"  # tqdm's, where Jupyter has no widgets; Colab has them
    )
    NotebookClient(
        notebook, timeout=280, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    ).execute(env=environment)
    for cell in notebook.cells:
        noise = [
            output.text
            for output in cell.get("outputs", [])
            if output.get("name") == "stderr" and "warning" in output.text.lower()
        ]
        assert not noise, f"{cell.id}: {noise[0]}"
    return {
        cell.id: "".join(
            output.get("text", "") or output.get("data", {}).get("text/plain", "")
            for output in cell.outputs
        )
        for cell in notebook.cells
        if cell.cell_type == "code"
    }


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any, dict[str, str]]:
    """Run all with two uploaded files of six careers, one under the name that Colab gives to a
    second upload.
    """
    folder = tmp_path_factory.mktemp("colab")
    (folder / "chosen").mkdir()
    for name, chosen in (
        ("profiles.csv", "profiles (1).csv"),
        ("skills_mapping.csv", "skills_mapping.csv"),
    ):
        with open(dataset.default_folder() / name, encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        first_six = list(dict.fromkeys(row[0] for row in rows))[:6]
        with open(folder / "chosen" / chosen, "w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([header, *(row for row in rows if row[0] in first_six)])
    notebook = read()
    settings = next(cell for cell in notebook.cells if cell.id == "config")
    settings.source = settings.source.replace(
        'PRESET = "auto"', 'PRESET = "head"'
    )  # auto may choose minutes of fine-tuning
    assert 'PRESET = "head"' in settings.source
    return folder, notebook, execute(notebook, folder)


def test_run_all_shows_the_statistics_before_it_trains(run: Any) -> None:
    folder, _, said = run
    assert "Your files: profiles (1).csv, skills_mapping.csv." in said["upload"]
    assert sorted(path.name for path in (folder / "my_data").iterdir()) == [
        "profiles (1).csv",
        "skills_mapping.csv",
    ]
    lines = said["data"].splitlines()
    assert lines[0] == "Merged dataset created:"
    assert "  Unique roles: 6" in lines
    # 8 questions and answers for each of the 6 careers come from the default data, which fill the
    # three files that were not uploaded
    assert (
        "  default career_qa.csv: 48 rows of the default data stand in for the file you did not"
        " bring." in lines
    )


def test_run_all_trains_and_offers_the_zip(run: Any) -> None:
    folder, _, said = run
    assert "Epoch 1/" in said["train"]
    assert "Validation: 100% | Loss:" in said["train"]
    offered = Path((folder / "offered.txt").read_text().strip())
    assert offered == folder / "models" / "trained_models.zip"
    with zipfile.ZipFile(offered) as archive:
        assert set(archive.namelist()) > GUIDE_FILES
    assert len(vocation.Recommender.load(offered).classes) == 6


def test_run_all_draws_the_curves_and_shows_diagnostics(run: Any) -> None:
    _, notebook, said = run
    outputs = next(cell.outputs for cell in notebook.cells if cell.id == "curves")
    assert [output for output in outputs if "image/png" in output.get("data", {})]
    assert "Diagnostics:" in said["curves"]
    assert "training loss" in said["curves"]


def test_run_all_answers_and_checks(run: Any) -> None:
    said = run[2]
    assert said["try"].startswith("<Recommendation match: ")
    assert said["try"].count("%)") >= 5  # each of five careers with its confidence
    assert "held-out rows (role names masked" in said["try"]
    assert [line[:3] in ("[x]", "[ ]") for line in said["checklist"].splitlines()] == [True] * 5
    assert "[x] size < 150 MB" in said["checklist"]


def test_without_uploads_the_default_data_are_used(tmp_path: Path) -> None:
    notebook = read()
    before_training = [cell.id for cell in notebook.cells].index("train")
    del notebook.cells[before_training:]
    said = execute(notebook, tmp_path)
    assert said["runtime"].startswith(f"Python {sys.version_info.major}.{sys.version_info.minor}.")
    assert said["install"] == "vocation is installed.\n"
    assert said["upload"] == "No files: the default data are used.\n"
    assert said["data"].startswith(str(dataset.load().report)[:60])


def test_install_keeps_torch_and_says_what_to_do_when_the_name_is_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []

    def pip(command: list[str], **_: Any) -> Any:
        asked.append(command[5:])
        return types.SimpleNamespace(
            returncode=int(len(asked) == 1),
            stderr="ERROR: No matching distribution found for vocation",
        )

    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "vocation", None)  # as on a fresh Colab machine
    monkeypatch.setattr(subprocess, "run", pip)
    wheel = tmp_path / "vocation-0.1.0-py3-none-any.whl"
    colab = types.SimpleNamespace(
        drive=None, files=types.SimpleNamespace(upload=lambda: [wheel.touch()])
    )
    monkeypatch.setitem(sys.modules, "google.colab", colab)
    with pytest.raises(
        SystemExit,
        match=r"(?s)No matching distribution.*make wheel.*upload a wheel.*run this step again",
    ):
        exec(source("install"), {"subprocess": subprocess, "sys": sys})
    torch = f"torch=={version('torch')}"
    assert asked == [["vocation[train]", torch]]

    def install(package: str) -> None:
        cell = source("install").replace('PACKAGE = "vocation[train]"', f"PACKAGE = {package!r}")
        exec(cell, {"subprocess": subprocess, "sys": sys})

    for package, wanted in (
        ("https://example.org/vocation.whl", "https://example.org/vocation.whl"),
        ("https://example.org/me/vocation", "git+https://example.org/me/vocation"),
        ("git+https://example.org/me/vocation@v1", "git+https://example.org/me/vocation@v1"),
        ("upload a wheel", wheel.as_uri()),
        ("vocation[train]", wheel.as_uri()),  # it lies there now
        (wheel.name, wheel.as_uri()),
    ):
        install(package)
        assert asked[-1] == [f"vocation[train] @ {wanted}", torch]


def test_install_looks_for_what_the_train_extra_brings_only() -> None:
    """Any other name would install the package again on every run."""
    names = re.search(r"util\.find_spec, \((.*?)\)", source("install"))
    assert names is not None
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    brought = {re.split(r"[^\w-]", line)[0] for line in project["optional-dependencies"]["train"]}
    assert set(re.findall(r'"(\w+)"', names[1])) <= {"vocation", *brought}


def test_only_the_files_of_this_upload_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uploads = {"profiles.csv": b"role,profile\nBaker,I love bread\nNurse,I look after people\n"}
    monkeypatch.chdir(tmp_path)
    files = types.SimpleNamespace(upload=lambda: uploads)
    names: dict[str, Any] = {"Path": Path, "load": dataset.load, "files": files}
    exec(source("upload"), names)
    exec(source("data"), names)
    assert names["data"].roles == ("Baker", "Nurse")

    uploads = {"careers.xlsx": b"PK\x03\x04"}
    exec(source("upload"), names)
    with pytest.raises(
        vocation.VocationError,
        match=(r"careers\.xlsx cannot be unpacked .* Save or download it again"),
    ):
        exec(source("data"), names)


def test_drive_keeps_files_and_training_for_the_next_session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    content = b"role,profile\nBaker,I love bread\nNurse,I look after people\n"
    mounted: list[str] = []
    cell = source("upload").replace("DRIVE = False", "DRIVE = True")
    cell = cell.replace("/content/drive/MyDrive", str(tmp_path))
    for uploads in ({"profiles.csv": content}, {}):  # the second session presses Cancel upload
        names: dict[str, Any] = {
            "Path": Path,
            "files": types.SimpleNamespace(upload=uploads.copy),
            "drive": types.SimpleNamespace(mount=mounted.append),
        }
        exec(cell, names)
        assert names["DATA"] == [tmp_path / "vocation" / "my_data" / "profiles.csv"]
    assert mounted == ["/content/drive"] * 2
    assert 'HOME / "models"' in source("train")  # the state of training lies beside the model
    assert "resume=RESUME" in source("train")


def test_settings_are_the_guides() -> None:
    shown: dict[str, Any] = {}
    exec(source("config"), shown)
    default = TrainConfig().to_dict()
    assert shown["CONFIG"] == {key: default[key] for key in shown["CONFIG"]}
    guide = {
        "base_model",
        "max_length",
        "hidden_dim",
        "dropout",
        "batch_size",
        "learning_rate",
        "num_epochs",
        "warmup_steps",
    }
    assert set(shown["CONFIG"]) == guide | {"patience"}
    assert all(f'"{preset}"' in source("config") for preset in PRESETS)
    assert all(f'"{model}"' in source("config") for model in GUIDE_MODELS)


def test_the_notebook_holds_no_logic_and_no_output() -> None:
    notebook = read()
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    lines = [
        line.strip()
        for cell in code
        for line in cell.source.splitlines()
        if line.strip() and not line.strip().startswith("#")
    ]
    assert len(lines) <= 60
    assert not [
        line for line in lines if line.startswith(("def ", "class ", "async ")) or "lambda" in line
    ]
    assert all(not cell.outputs and cell.execution_count is None for cell in code)
    assert notebook.metadata.accelerator == "GPU"
    kinds = [cell.cell_type for cell in notebook.cells]
    assert all(kinds[i - 1] == "markdown" for i, kind in enumerate(kinds) if kind == "code")
