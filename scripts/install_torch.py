"""Install PyTorch without gigabytes of CUDA on machines that have no NVIDIA GPU. Run by `make`; any
Python 3.11+ will do.
"""

import importlib.util
import platform
import subprocess
import sys
import urllib.request

CPU_INDEX = "https://download.pytorch.org/whl/cpu"
WANTED = "torch>=2.10"
KNOWN = "torch==2.13.0"  # for networks that do not reach the CPU index


def has_nvidia() -> bool:
    try:
        return subprocess.run(["nvidia-smi"], capture_output=True, timeout=20).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def reachable(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except OSError:
        return False


def install(*arguments: str) -> bool:
    return (
        subprocess.run([sys.executable, "-m", "pip", "install", "-q", *arguments]).returncode == 0
    )


def main() -> int:
    if importlib.util.find_spec("torch") is not None:
        return 0
    if platform.system() == "Darwin" or has_nvidia():  # on a Mac the usual file has no CUDA in it
        print("Installing PyTorch ...", flush=True)
        return 0 if install(WANTED) else 1
    if reachable(CPU_INDEX + "/torch/"):
        print("Installing PyTorch for CPU ...", flush=True)
        if install(WANTED, "--index-url", CPU_INDEX):
            return 0
    print(
        f"Installing {KNOWN} from the usual package index (PyTorch's CPU index cannot be"
        " reached) ...",
        flush=True,
    )
    return 0 if install(KNOWN) else 1


if __name__ == "__main__":
    sys.exit(main())
