"""What a training run survives: kills at random moments, full disks, broken numbers; and what a
bundle survives that is replaced: kills, other writers, readers.

    python fuzz/survival.py [--kills 40] [--disks 20] [--numbers 20] [--swaps 40] [--seed 0]

A tiny network is trained by the real loop with real states on disk, in a process of its own for
every try. After each trouble `resume` must end with the weights of an undisturbed run. Full disks
are real ones: a memory disk of a random size, which needs the right to mount (root). Needs the
train extra and an operating system with fork. Copy the table with the command and the machine into
benchmarks/results.md.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import torch
from test_writer import files, mark, read_checked
from tiny_training import STEPS, Weights, equal, train

from vocation.bundle import exchange, writer
from vocation.errors import VocationError
from vocation.training import callbacks, loop
from vocation.training.checkpoints import newest

SENTENCE = 7  # exit status of a try that ended with one of our sentences


def child(work: Callable[[], object]) -> int:
    """Start `work` in a process of its own and return its number; it exits with 0, with SENTENCE,
    or with 1.
    """
    number = os.fork()
    if number:
        return number
    sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115 (as long as the process lives)
    try:
        work()
    except VocationError:
        os._exit(SENTENCE)
    except BaseException:
        os._exit(1)
    os._exit(0)


def finish(folder: Path) -> Weights:
    """The weights of the run in `folder`, gone on with until its end."""
    return train(folder, resume=True)[0]


def kills(count: int, rng: random.Random, whole: Weights, seconds: float) -> int:
    """Kill -9 at a random moment, again and again until a run comes to its end; how many kills
    ended in the same weights.
    """
    survived = done = 0
    while done < count:
        with tempfile.TemporaryDirectory() as name:
            folder, struck = Path(name) / "run", 0
            while done + struck < count:
                number = child(lambda folder=folder: train(folder, resume=True))
                time.sleep(rng.uniform(0, seconds))
                os.kill(number, signal.SIGKILL)
                if os.WIFSIGNALED(os.waitpid(number, 0)[1]):
                    struck += 1
                else:
                    break  # it was faster
            survived += struck * equal(finish(folder), whole)
            done += struck
    return survived


def disks(count: int, rng: random.Random, whole: Weights) -> int:
    """A disk that is full at a random moment: a sentence, the last good state intact, and the same
    weights once there is room.
    """
    survived = 0
    for _ in range(count):
        with tempfile.TemporaryDirectory() as name:
            disk = Path(name) / "disk"
            disk.mkdir()
            options = f"size={rng.randint(20, 130)}k"
            subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", disk], check=True)
            try:
                number = child(lambda disk=disk: train(disk / "run", resume=True))
                status = os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])
                subprocess.run(["mount", "-o", "remount,size=8m", disk], check=True)
                survived += status == SENTENCE and equal(finish(disk / "run"), whole)
            finally:
                subprocess.run(["umount", disk], check=True)
    return survived


def numbers(count: int, rng: random.Random) -> int:
    """A gradient that is none in a random step: stopped in that step, and what is on disk is
    finite.
    """
    survived = 0
    for _ in range(count):
        step = rng.randrange(STEPS)
        begin = callbacks.HistoryCallback.on_pre_optimizer_step

        value = rng.choice((float("nan"), float("inf")))

        def poison(
            self, args, state, control, model=None, begin=begin, step=step, value=value, **rest
        ):
            if state.global_step == step:
                next(model.parameters()).grad.view(-1)[rng.randrange(8)] = value
            begin(self, args, state, control, model=model, **rest)

        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            callbacks.HistoryCallback.on_pre_optimizer_step = poison
            try:
                train(folder)
            except VocationError as error:
                last = newest(folder)
                finite = last is None or all(
                    bool(t.isfinite().all())
                    for t in loop.load_file(last / "model.safetensors").values()
                )
                survived += f"stopped in step {step + 1}" in str(error) and finite
            finally:
                callbacks.HistoryCallback.on_pre_optimizer_step = begin
    return survived


def together(times: int) -> tuple[int, int, int]:
    """Three writers replace a bundle `times` each, beside a reader.

    Returns how many writings ended well, how often the reader looked, and how often it met no
    bundle or parts of two.
    """

    def write(text: str) -> None:
        for _ in range(times):
            writer.write(folder, files(text))
            with open(folder.parent / f"done-{text}", "a") as done:
                done.write(".")

    with tempfile.TemporaryDirectory() as name:
        folder = writer.write(Path(name) / "models", files("first"))
        running = [child(lambda text=text: write(text)) for text in ("a", "b", "c")]
        read, looks, gaps = exchange.steady(read_checked), 0, 0
        while running:
            running = [one for one in running if os.waitpid(one, os.WNOHANG)[0] == 0]
            looks += 1
            try:
                read(folder)
            except (VocationError, OSError):
                gaps += 1
        written = sum(path.stat().st_size for path in Path(name).glob("done-*"))
        gaps += mark(folder) not in ("a", "b", "c")
    return written, looks, gaps


def struck(count: int, rng: random.Random) -> int:
    """Kill -9 a writer at a random moment; how often a whole bundle was in its place afterwards, the
    user's file too, and the next writing went well.
    """

    def write() -> None:
        for number in range(1000):
            writer.write(folder, files(f"number{number}"))

    survived = 0
    for _ in range(count):
        with tempfile.TemporaryDirectory() as name:
            folder = writer.write(Path(name) / "models", files("first"))
            (folder / "notes.txt").write_text("mine")
            number = child(write)
            time.sleep(rng.uniform(0.005, 0.1))
            os.kill(number, signal.SIGKILL)
            os.waitpid(number, 0)
            mark(folder)
            kept = [path.read_text() for path in Path(name).rglob("notes.txt")] == ["mine"]
            writer.write(folder, files("last"))
            left = sorted(os.listdir(name))
            survived += (
                kept
                and (mark(folder), (folder / "notes.txt").exists()) == ("last", True)
                and left == ["models", "models.previous"]
            )
    return survived


def main() -> None:
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name, usual in (
        ("kills", 40),
        ("disks", 20),
        ("numbers", 20),
        ("swaps", 40),
        ("seed", 0),
    ):
        arguments.add_argument(f"--{name}", type=int, default=usual)
    args = arguments.parse_args()
    torch.set_num_threads(1)  # a process with more threads must not fork
    rng = random.Random(args.seed)
    with tempfile.TemporaryDirectory() as name:
        start = time.perf_counter()
        whole, _ = train(Path(name))
        seconds = time.perf_counter() - start
    print("| trouble | tries | as it should be |\n|---|---|---|")
    print(
        f"| kill -9 at a random moment | {args.kills} | {kills(args.kills, rng, whole, seconds)} |",
        flush=True,
    )
    if args.disks and os.geteuid() == 0 and shutil.which("mount"):
        print(f"| full disk | {args.disks} | {disks(args.disks, rng, whole)} |", flush=True)
    print(f"| gradient that is no number | {args.numbers} | {numbers(args.numbers, rng)} |")
    if args.swaps:
        written, looks, gaps = together(args.swaps)
        print(f"| three writers of one bundle at once | {3 * args.swaps} | {written} |")
        print(f"| a reader beside them | {looks:,} | {looks - gaps:,} |", flush=True)
        print(f"| kill -9 while a bundle is replaced | {args.swaps} | {struck(args.swaps, rng)} |")


if __name__ == "__main__":
    main()
