"""Commands that make a bundle: train, tune, ensemble."""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from vocation.cli.options import (
    Commands,
    positive,
    reading,
    replace_option,
    say,
    settings,
    training_options,
)
from vocation.config import AUGMENT, BALANCE, TRACKERS
from vocation.errors import ConfigError
from vocation.text.clean import printable

if TYPE_CHECKING:
    from vocation.training import TrainResult


def add_train(commands: Commands) -> None:
    """Declare `vocation train`."""
    train = commands.add(
        "train",
        _train,
        "train on your files and write a bundle",
        "Train on the files in DIR (without DIR: the default data), measure on held-out rows, and"
        " write a bundle: a folder with the model, its card and a zip to deploy. A bundle that is"
        " there is kept beside it: rollback brings it back. In the full preset Ctrl-C saves the"
        " state, and --resume continues.",
        "my-data",
        "my-data --preset full --output models-full",
        "my-data --with-defaults --limit 300",
        "my-data --add-to-defaults",
    )
    training_options(train)
    replace_option(train)
    train.add_argument(
        "--preset",
        choices=("auto", "head", "full"),
        default="auto",
        help=(
            "head: a minute or two, the encoder stays as it is; full: fine-tunes it; auto"
            " (default): full where it takes at most two minutes here"
        ),
    )
    train.add_argument(
        "--augment",
        choices=AUGMENT,
        help="data augmentation of the training rows (default: none, or as in the settings)",
    )
    train.add_argument(
        "--balance",
        choices=BALANCE,
        help="give rare careers more weight in training (default: none, or as in the settings)",
    )
    train.add_argument(
        "--resume", action="store_true", help="continue a full run that was interrupted"
    )
    train.add_argument(
        "--start-from",
        metavar="BUNDLE",
        help=(
            "go on from an earlier model (a bundle's folder or a .pth file), also with other"
            " careers"
        ),
    )
    _freezing_options(train)
    train.add_argument(
        "--candidate",
        action="store_true",
        help=(
            "leave the bundle that is there in use; the new one waits in OUTPUT.candidate for "
            " vocation promote"
        ),
    )
    train.add_argument(
        "--progress",
        choices=("text", "json"),
        default="text",
        help="json: progress as JSON lines, for a program that shows it (default: text)",
    )
    train.add_argument(
        "--report-to",
        choices=TRACKERS,
        help=(
            "draw the curves while training, with a package that you have installed (wandb may send"
            " them to its vendor); default: none"
        ),
    )
    train.add_argument(
        "--runs",
        metavar="DIR",
        help="folder for the record of this run (default: runs, beside the bundle's folder)",
    )


def _freezing_options(command: argparse.ArgumentParser) -> None:
    frozen = command.add_mutually_exclusive_group()
    frozen.add_argument(
        "--freeze-base",
        action="store_true",
        help="leave the encoder as it is (the same as --preset head)",
    )
    frozen.add_argument(
        "--freeze-layers",
        metavar="N",
        type=int,
        help="with --preset full: how many layers, from below, stay as they are",
    )


def _train(args: argparse.Namespace) -> int:
    import vocation
    from vocation.progress import ConsoleProgress, JsonProgress

    config = settings(args)
    if args.freeze_base and args.preset == "full":
        raise ConfigError(
            "--freeze-base leaves the encoder as it is and --preset full trains it: choose one of"
            " them"
        )
    config = replace(
        config,
        **{
            name: value
            for name in ("augment", "balance", "report_to", "freeze_layers")
            if (value := getattr(args, name)) is not None
        },
    )
    result = vocation.train(
        args.dir,
        args.output,
        preset="head" if args.freeze_base else args.preset,
        config=config,
        resume=args.resume,
        start_from=args.start_from,
        runs=args.runs,
        replace=args.replace,
        candidate=args.candidate,
        progress=JsonProgress() if args.progress == "json" else ConsoleProgress(),
        **reading(args),
    )
    # Of several processes that train together, only the first one prints.
    return _tell(args, result) if os.environ.get("RANK", "0") == "0" else 0


def _tell(args: argparse.Namespace, result: TrainResult) -> int:
    """Say what was trained and where it is; returns the exit status."""
    from vocation.bundle import layout
    from vocation.reports import samples

    if args.progress == "json":
        say(json.dumps({"done": str(result.folder), "seconds": round(result.seconds, 1)}))
        return int(result.held_back and not args.candidate)
    shown = result.metadata["sample_predictions"][:3]
    if shown:
        say("\nSample recommendations:")
    for sample in shown:
        say(f'  "{sample["text"]}"\n    {samples.answer(sample)}')
    size = (result.folder / layout.ZIP).stat().st_size / layout.MB
    say(f"\nDone in {result.seconds:.0f} s. Bundle: {result.folder} ({layout.ZIP}: {size:.0f} MB)")
    if result.record:
        say(f"Record of the run: {result.record} (vocation runs --runs {result.record.parent})")
    say(samples.try_it(result.metadata, result.folder))
    if args.candidate:
        say(
            f"{args.output} is in use as before. To use the new one:  vocation promote --bundle"
            f" {args.output}"
        )
        return 0
    return _place(args.output, result.held_back)


def _place(output: str, held_back: bool) -> int:
    """Say where the bundle before is now; returns the exit status, 1 for a bundle held back."""
    from vocation.bundle.writer import has_bundle, previous_of
    from vocation.training.retrain import held_back_sentence

    if held_back:
        # An error: a script that goes on with --output would go on with the bundle of before.
        print(printable(f"vocation: {held_back_sentence(output)}"), file=sys.stderr)
        return 1
    previous = previous_of(output)
    if has_bundle(previous):
        say(f"The bundle before is kept in {previous}:  vocation rollback --bundle {output}")
    return 0


def add_tune(commands: Commands) -> None:
    """Declare `vocation tune`."""
    tune = commands.add(
        "tune",
        _tune,
        "search for better settings, then train with them",
        "Try settings on folds of the training rows, compare the best with those you begin with,"
        " and train once with the winner. The rows that measure the bundle are not looked at. Every"
        " finished trial is kept: after Ctrl-C, or when the machine went down, the same command"
        " goes on.",
        "my-data --trials 30",
        "my-data --preset full --timeout 7200 --output models-full",
    )
    training_options(tune)
    replace_option(tune)
    tune.add_argument(
        "--trials",
        metavar="N",
        type=positive,
        required=True,
        help="settings to try in all, those you begin with first",
    )
    tune.add_argument(
        "--timeout", metavar="SECONDS", type=positive, help="begin no new trial after so long"
    )
    tune.add_argument(
        "--study",
        metavar="FILE",
        help="the file that keeps the trials (default: study.db in the folder OUTPUT-tuning)",
    )
    tune.add_argument(
        "--preset",
        choices=("auto", "head", "full"),
        default="auto",
        help=(
            "head: a trial takes seconds; full: every trial fine-tunes the encoder several times;"
            " auto (default): as in train"
        ),
    )


def _tune(args: argparse.Namespace) -> int:
    from vocation.progress import ConsoleProgress
    from vocation.training import tune

    result = tune(
        args.dir,
        args.output,
        trials=args.trials,
        timeout=args.timeout,
        study=args.study,
        preset=args.preset,
        config=settings(args),
        replace=args.replace,
        progress=ConsoleProgress(),
        **reading(args),
    )
    say(
        f"\nDone in {result.seconds:.0f} s. Bundle: {result.folder}. Report:"
        f" {result.report_folder / 'tuning.md'}"
    )
    return _place(args.output, bool(result.metadata.get("held_back")))


def add_ensemble(commands: Commands) -> None:
    """Declare `vocation ensemble`."""
    ensemble = commands.add(
        "ensemble",
        _ensemble,
        "average bundles into one",
        "Write one bundle that answers with the mean of the probabilities of several for the same"
        " careers. An encoder that they share is stored and run once. With"
        " --evaluate each of them and the ensemble are measured on the rows of FILE, names of"
        " careers masked.",
        "seed-42 seed-43 seed-44 --output models",
        "a b --output c --evaluate test.csv --text-column text --label-column career",
    )
    ensemble.add_argument(
        "bundles", metavar="BUNDLE", nargs="+", help="bundles' folders or zips, at least two"
    )
    ensemble.add_argument(
        "--output", metavar="DIR", required=True, help="the folder of the new bundle"
    )
    ensemble.add_argument(
        "--evaluate", metavar="FILE", type=Path, help="labelled rows that no member has learnt from"
    )
    ensemble.add_argument("--text-column", metavar="NAME", help="the column of FILE with the text")
    ensemble.add_argument(
        "--label-column", metavar="NAME", help="the column of FILE with the right career"
    )


def _ensemble(args: argparse.Namespace) -> None:
    from vocation.progress import ConsoleProgress
    from vocation.training import build_ensemble

    found = build_ensemble(
        args.bundles,
        args.output,
        evaluate=args.evaluate,
        text_column=args.text_column,
        label_column=args.label_column,
        progress=ConsoleProgress(),
    )
    from vocation.reports import samples
    from vocation.reports.ensemble import lines

    say("\n".join(lines(found)))
    say(f"Bundle: {args.output}\n{samples.try_it(found, args.output)}")
    _place(args.output, held_back=False)
