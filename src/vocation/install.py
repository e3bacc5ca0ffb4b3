"""Say how to install what is missing, by how this package was installed."""

from __future__ import annotations

import json
import platform
import shutil
from importlib import metadata, util
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

CPU_INDEX = "https://download.pytorch.org/whl/cpu"
"""PyTorch's own index of builds without CUDA, which spare gigabytes where there is no GPU."""


def install_command(extra: str) -> str:
    """Return the command that adds `extra` to this installation, or the two, to run in order.

    With an extra that brings PyTorch, and neither it nor an NVIDIA GPU there, the build for CPUs
    comes first: pip would fetch the one with CUDA.
    """
    command = f'pip install {"-e " * _is_editable()}"{_requirement(extra)}"'
    if extra in ("train", "tune") and util.find_spec("torch") is None and not _has_cuda_or_metal():
        return f"pip install torch --index-url {CPU_INDEX}  and then  {command}"
    return command


def _requirement(extra: str) -> str:
    origin = _origin()
    url = str(origin.get("url", ""))
    if "dir_info" in origin:
        return f"{url2pathname(urlsplit(url).path)}[{extra}]"
    if vcs := origin.get("vcs_info"):
        return f"vocation[{extra}] @ {vcs['vcs']}+{url}@{vcs['commit_id']}"
    # A wheel or another archive, in a file or on the web; without an origin the package index.
    return f"vocation[{extra}]" + (f" @ {url}" if url else "")


def _is_editable() -> bool:
    return bool(_origin().get("dir_info", {}).get("editable"))


def _origin() -> dict[str, Any]:
    """Return what pip noted of the origin (PEP 610), {} for a package index.

    A checkout that was never installed counts as one that was, for that is what its owner needs.
    """
    try:
        noted = metadata.distribution("vocation").read_text("direct_url.json")
    except metadata.PackageNotFoundError:
        checkout = Path(__file__).parents[2]
        if not (checkout / "pyproject.toml").is_file():
            return {}
        return {"url": checkout.as_uri(), "dir_info": {"editable": True}}
    return dict(json.loads(noted)) if noted else {}


def _has_cuda_or_metal() -> bool:
    """Whether pip's usual build of PyTorch is right: an NVIDIA GPU, or a Mac, without CUDA."""
    return platform.system() == "Darwin" or shutil.which("nvidia-smi") is not None
