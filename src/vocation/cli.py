"""The command line: read arguments, call one function, print. What a command needs is imported when it runs, so that answers come fast."""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from vocation import __version__
from vocation.config import AUGMENT, BALANCE, TRACKERS, TrainConfig
from vocation.errors import ConfigError, MissingExtra, VocationError
from vocation.text import STEERING, clean, percent, printable

if TYPE_CHECKING:
    from vocation.records import Recommendation

EPILOG = "Exit status: 0 done, 1 something you can mend (one sentence says what), 2 wrong usage, 3 a bug in vocation."


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    _forgive_characters()
    args, unknown = parser().parse_known_args(argv)
    if unknown:
        args.parser.error(printable(f"unknown: {' '.join(unknown)} (vocation {args.command} --help lists what there is)"))
    try:
        return int(args.run(args) or 0)
    except VocationError as error:
        print(printable(f"vocation: {error}"), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("vocation: stopped", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader of our output has gone: not our trouble
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception:
        import traceback

        print(printable(traceback.format_exc()), file=sys.stderr, end="")
        print("vocation: this is a bug in vocation, please report it with the lines above", file=sys.stderr)
        return 3


def _forgive_characters() -> None:
    """What a terminal's encoding lacks is written as an escape, and bytes on standard input that are no text are read as U+FFFD."""
    for stream, errors in ((sys.stdin, "replace"), (sys.stdout, "backslashreplace"), (sys.stderr, "backslashreplace")):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=errors)


def _say(text: object) -> None:
    """Print `text` without what would steer the terminal: names, texts and messages may come from a stranger."""
    print(printable(str(text)))


def _say_json(value: object) -> None:
    """Print `value` as JSON in which what would steer the terminal is written as an escape."""
    print(STEERING.sub(lambda found: f"\\u{ord(found.group()):04x}", json.dumps(value, ensure_ascii=False, indent=1)))


def parser() -> argparse.ArgumentParser:
    """The whole command line; the command reference in docs/ is generated from it."""
    top = argparse.ArgumentParser(
        prog="vocation",
        description="Train a career recommender on your own data, ask it, ship it.",
        epilog=f'A first round:\n  vocation train\n  vocation recommend "I like taking engines apart"\n  vocation app\n\n{EPILOG}',
        formatter_class=_Wide,
    )
    top.add_argument("--version", action="version", version=f"vocation {__version__}")
    commands = _Commands(top)
    for add in (
        _add_init,
        _add_validate,
        _add_train,
        _add_tune,
        _add_ensemble,
        _add_recommend,
        _add_score,
        _add_evaluate,
        _add_check,
        _add_audit,
        _add_runs,
        _add_push,
        _add_pull,
        _add_doctor,
        _add_app,
    ):
        add(commands)
    return top


class _Commands:
    """The commands of the program; `add` makes the parser of one more."""

    def __init__(self, top: argparse.ArgumentParser) -> None:
        self._all = top.add_subparsers(title="commands", metavar="COMMAND", required=True)

    def add(self, name: str, run: Callable[[argparse.Namespace], int | None], short: str, long: str, *examples: str) -> argparse.ArgumentParser:
        """The parser of the command `name`: `run` carries it out, `short` and `long` say what it does."""
        epilog = "\n".join(["Examples:", *(f"  vocation {name} {example}".rstrip() for example in examples), "", EPILOG])
        command = self._all.add_parser(name, help=short, description=long, epilog=epilog, formatter_class=_Wide)
        command.set_defaults(run=run, command=name, parser=command)
        return command


class _Wide(argparse.RawDescriptionHelpFormatter):
    """Descriptions as they are written, options in a column wide enough for ours."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=32)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n".join(textwrap.fill(line, width) if not line.startswith(" ") else line for line in text.splitlines())


def _data_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("dir", metavar="DIR", nargs="?", type=Path, help="folder with your CSV files, or one file")
    command.add_argument(
        "--columns", metavar="OURS=YOURS,...", type=_columns, help="columns under other names, for example role=Category,profile=Resume"
    )


def _training_options(command: argparse.ArgumentParser) -> None:
    _data_options(command)
    command.add_argument("--output", metavar="DIR", default="models", help="the bundle's folder (default: models)")
    command.add_argument("--config", metavar="FILE", help='settings as JSON, for example {"num_epochs": 20, "dropout": 0.5}')
    command.add_argument("--set", metavar="NAME=VALUE,...", type=_values, help="settings given here, for example seed=43,dropout=0.5; over --config")
    command.add_argument(
        "--with-defaults", action="store_true", help="fill kinds of file that you do not have from the default data, for your careers only"
    )
    command.add_argument("--limit", metavar="N", type=_positive, help="use at most N rows, spread over careers: a quick first try")


def _bundle_option(command: argparse.ArgumentParser) -> None:
    command.add_argument("--bundle", metavar="DIR", default="models", help="a bundle's folder or zip (default: models)")


def _positive(value: str) -> int:
    number = int(value)
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected 1 or more, found {value}")
    return number


def _columns(value: str) -> dict[str, str]:
    pairs = [pair.partition("=") for pair in value.split(",") if pair.strip()]
    if not pairs or any(not ours.strip() or not theirs.strip() for ours, _, theirs in pairs):
        raise argparse.ArgumentTypeError(f"expected pairs such as role=Category,profile=Resume, found {value!r}")
    return {ours.strip(): theirs.strip() for ours, _, theirs in pairs}


def _values(value: str) -> dict[str, object]:
    pairs = [pair.partition("=") for pair in value.split(",") if pair.strip()]
    if not pairs or any(not name.strip() or not given.strip() for name, _, given in pairs):
        raise argparse.ArgumentTypeError(f"expected settings such as seed=43,dropout=0.5, found {value!r}")
    return {name.strip(): _plain(given.strip()) for name, _, given in pairs}


def _plain(given: str) -> object:
    """A number or true / false as such, anything else as text."""
    try:
        return json.loads(given)
    except ValueError:
        return given


def _settings(args: argparse.Namespace) -> TrainConfig:
    config = TrainConfig.from_file(args.config) if args.config else TrainConfig()
    return TrainConfig.from_dict(config.to_dict() | (args.set or {}))


# --------------------------------------------------------------------------------------------------------------------------- commands


def _add_init(commands: _Commands) -> None:
    init = commands.add(
        "init",
        _init,
        "write example files to start from",
        "Write small example files into DIR: replace their rows by your own. Existing files are never overwritten.",
        "my-data",
    )
    init.add_argument("dir", metavar="DIR", type=Path)


def _init(args: argparse.Namespace) -> None:
    from vocation.dataset import write_examples

    written = write_examples(args.dir)
    _say(f"Wrote {', '.join(path.name for path in written)} to {args.dir}. Replace the rows by your own, then:\n")
    _say(f"  vocation validate {args.dir}\n  vocation train {args.dir}")


def _add_validate(commands: _Commands) -> None:
    validate = commands.add(
        "validate",
        _validate,
        "check your files and say what would be used",
        "Read the files in DIR (without DIR: the default data) and account for every row: used, merged as a duplicate, or dropped and why.",
        "my-data",
        "resumes.csv --columns role=Category,profile=Resume",
        "my-data --json > report.json",
        "my-data --audit --output suspects.csv",
    )
    _data_options(validate)
    validate.add_argument("--json", action="store_true", help="print the report as JSON")
    validate.add_argument(
        "--audit", action="store_true", help="list rows whose label may be wrong, by a model that has not seen them; nothing is changed"
    )
    validate.add_argument("--audit-limit", metavar="N", type=_positive, help="with --audit: show at most N rows (default: 20)")
    validate.add_argument("--output", metavar="FILE", type=Path, help="with --audit: write all of these rows to a CSV file")


def _validate(args: argparse.Namespace) -> None:
    from vocation import dataset

    if not args.audit:
        if args.output or args.audit_limit:
            raise ConfigError("--output and --audit-limit belong to --audit: say  vocation validate DIR --audit")
        report = dataset.load(args.dir, args.columns).report
        if args.json:
            _say_json(report.to_dict())
        else:
            _say(report)
        return
    from vocation import training
    from vocation.progress import Shown, Silent
    from vocation.suspects import SHOWN

    data, found = training.audit(args.dir, columns=args.columns, progress=Silent() if args.json else Shown())
    if args.output:
        found.write(args.output)
    if args.json:
        _say_json(data.report.to_dict() | {"audit": found.to_dict()})
    else:
        _say(f"{data.report}\n\n{found.text(args.audit_limit or SHOWN)}")
        if args.output:
            _say(f"{args.output}: {len(found.suspects):,} rows written.")


def _add_train(commands: _Commands) -> None:
    train = commands.add(
        "train",
        _train,
        "train on your files and write a bundle",
        "Train on the files in DIR (without DIR: the default data), measure on rows kept apart, and write a folder that answers, deploys and "
        "explains itself. In the full preset Ctrl-C saves what there is, and --resume goes on.",
        "my-data",
        "my-data --preset full --output models-full",
        "my-data --with-defaults --limit 300",
    )
    _training_options(train)
    train.add_argument(
        "--preset",
        choices=("auto", "head", "full"),
        default="auto",
        help="head: seconds, the encoder stays as it is; full: fine-tunes the encoder; auto (default): full where it takes at most two minutes here",
    )
    train.add_argument("--augment", choices=AUGMENT, help="learn the training rows in other words too (default: none, or what the settings say)")
    train.add_argument("--balance", choices=BALANCE, help="let rare careers count more while training (default: none, or what the settings say)")
    train.add_argument("--resume", action="store_true", help="go on with a full run that was interrupted")
    train.add_argument(
        "--start-from", metavar="BUNDLE", help="go on from an earlier model (a bundle's folder or a .pth file), also with other careers"
    )
    frozen = train.add_mutually_exclusive_group()
    frozen.add_argument("--freeze-base", action="store_true", help="leave the encoder as it is (the same as --preset head)")
    frozen.add_argument("--freeze-layers", metavar="N", type=int, help="with --preset full: how many layers, from below, stay as they are")
    train.add_argument(
        "--report-to",
        choices=TRACKERS,
        help="draw the curves while training, with a package that you have installed (wandb may send them to its makers); default: none",
    )
    train.add_argument("--runs", metavar="DIR", help="folder for the record of this run (default: runs, beside the bundle's folder)")


def _train(args: argparse.Namespace) -> None:
    import vocation
    from vocation import bundle
    from vocation.progress import Shown

    config = _settings(args)
    if args.freeze_base and args.preset == "full":
        raise ConfigError("--freeze-base leaves the encoder as it is and --preset full trains it: choose one of them")
    config = replace(
        config, **{name: value for name in ("augment", "balance", "report_to", "freeze_layers") if (value := getattr(args, name)) is not None}
    )
    result = vocation.train(
        args.dir,
        args.output,
        preset="head" if args.freeze_base else args.preset,
        config=config,
        columns=args.columns,
        with_defaults=args.with_defaults,
        limit=args.limit,
        resume=args.resume,
        start_from=args.start_from,
        runs=args.runs,
        progress=Shown(),
    )
    if os.environ.get("RANK", "0") != "0":
        return  # one of several processes that trained together: the first one speaks
    _say("\nSample recommendations:")
    for sample in result.metadata["sample_predictions"][:3]:
        answers = ", ".join(f"{one['career']} {percent(one['confidence'])}" for one in sample["careers"])
        _say(f'  "{sample["text"]}"\n    {"(unsure) " if sample["decision"] == "unsure" else ""}{answers}')
    size = (result.folder / bundle.ZIP).stat().st_size / bundle.MB
    _say(f"\nDone in {result.seconds:.0f} s. Bundle: {result.folder} ({bundle.ZIP}: {size:.0f} MB)")
    if result.record:
        _say(f"Record of the run: {result.record} (vocation runs --runs {result.record.parent})")
    _say(f'Try it:  vocation recommend --bundle {result.folder} "I like taking engines apart"')


def _add_tune(commands: _Commands) -> None:
    tune = commands.add(
        "tune",
        _tune,
        "search for better settings, then train with them",
        "Try settings on folds of the training rows, compare the best with those you begin with, and train once with the winner. The rows that "
        "measure the bundle are not looked at. Every finished trial is kept: after Ctrl-C, or when the machine went down, the same command goes on.",
        "my-data --trials 30",
        "my-data --preset full --timeout 7200 --output models-full",
    )
    _training_options(tune)
    tune.add_argument("--trials", metavar="N", type=_positive, required=True, help="settings to try in all, those you begin with first")
    tune.add_argument("--timeout", metavar="SECONDS", type=_positive, help="begin no new trial after so long")
    tune.add_argument("--study", metavar="FILE", help="the file that keeps the trials (default: study.db in the folder OUTPUT-tuning)")
    tune.add_argument(
        "--preset",
        choices=("auto", "head", "full"),
        default="auto",
        help="head: a trial takes seconds; full: every trial fine-tunes the encoder several times; auto (default): as in train",
    )


def _tune(args: argparse.Namespace) -> None:
    from vocation.progress import Shown
    from vocation.training import tune

    result = tune(
        args.dir,
        args.output,
        trials=args.trials,
        timeout=args.timeout,
        study=args.study,
        preset=args.preset,
        config=_settings(args),
        columns=args.columns,
        with_defaults=args.with_defaults,
        limit=args.limit,
        progress=Shown(),
    )
    _say(f"\nDone in {result.seconds:.0f} s. Bundle: {result.folder}. Report: {result.report_folder / 'tuning.md'}")


def _add_ensemble(commands: _Commands) -> None:
    ensemble = commands.add(
        "ensemble",
        _ensemble,
        "average bundles into one",
        "Write one bundle that answers with the mean of the probabilities of several, for the same careers or overlapping ones. An encoder that they "
        "share is stored and run once. With --evaluate each of them and the ensemble are measured on the rows of FILE, names of careers masked.",
        "seed-42 seed-43 seed-44 --output models",
        "a b --output c --evaluate test.csv --text-column text --label-column career",
    )
    ensemble.add_argument("bundles", metavar="BUNDLE", nargs="+", help="bundles' folders or zips, at least two")
    ensemble.add_argument("--output", metavar="DIR", required=True, help="the folder of the new bundle")
    ensemble.add_argument("--evaluate", metavar="FILE", type=Path, help="labelled rows that no member has learnt from")
    ensemble.add_argument("--text-column", metavar="NAME", help="the column of FILE with the text")
    ensemble.add_argument("--label-column", metavar="NAME", help="the column of FILE with the right career")


def _ensemble(args: argparse.Namespace) -> None:
    from vocation.progress import Shown
    from vocation.training import average

    found = average(args.bundles, args.output, evaluate=args.evaluate, text_column=args.text_column, label_column=args.label_column, progress=Shown())
    from vocation.training.ensemble_report import lines

    _say("\n".join(lines(found)))
    _say(f'Bundle: {args.output}\nTry it:  vocation recommend --bundle {args.output} "I like taking engines apart"')


def _add_recommend(commands: _Commands) -> None:
    recommend = commands.add(
        "recommend",
        _recommend,
        "careers for one text or more",
        "Recommend careers for each TEXT. Without TEXT, one text a line is read from standard input.",
        '"I like taking engines apart" --explain',
        "--json --top 3 < texts.txt",
    )
    recommend.add_argument("text", metavar="TEXT", nargs="*")
    _bundle_option(recommend)
    recommend.add_argument("--top", metavar="N", type=_positive, default=5, help="how many careers (default: 5)")
    recommend.add_argument("--explain", action="store_true", help="show the phrases that speak for and against each career")
    recommend.add_argument("--json", action="store_true", help="print JSON: one object for one text, a list for several")


def _recommend(args: argparse.Namespace) -> None:
    texts = args.text
    if not texts:
        if sys.stdin.isatty():
            print("One text a line; end with Ctrl-D.", file=sys.stderr)
        texts = [line.rstrip("\n") for line in sys.stdin if line.strip()]
    from vocation.recommend import Recommender

    recommender = Recommender.load(args.bundle)
    answers = recommender.recommend(texts, args.top, args.explain)
    if args.json:
        values = [answer.to_dict() for answer in answers]
        _say_json(values[0] if len(values) == 1 else values)
        return
    for i, (text, answer) in enumerate(zip(texts, answers, strict=True)):
        if len(texts) > 1:
            _say(f"{chr(10) if i else ''}> {clean(text)[:100]}")
        _print_answer(answer)


def _print_answer(answer: Recommendation) -> None:
    if answer.decision == "unsure":
        print(_style(f"Not sure: {answer.reason}.", "33"), printable(str(answer.question)))
    if answer.truncated:
        _say("(the text is very long: its end was not read)")
    for one in answer.careers:
        print(f"{_style(f'{one.career:<28}', '1')} {percent(one.confidence):>9}  {one.words}")
        if one.skills_held:
            _say(f"    has: {', '.join(one.skills_held)}")
        if one.skills_missing:
            _say(f"    to learn: {', '.join(one.skills_missing[:6])}")
        for phrase in one.because or ():
            _say(f'    because: "{phrase}"')
        for phrase in one.against or ():
            _say(f'    against: "{phrase}"')
        if one.nearest:
            _say(f"    nearest to what is said about it: {one.nearest}")


def _style(text: str, code: str) -> str:
    """Colour where standard output is a terminal that wants it (https://no-color.org)."""
    text = printable(text)
    return f"\x1b[{code}m{text}\x1b[0m" if sys.stdout.isatty() and not os.environ.get("NO_COLOR") else text


def _add_score(commands: _Commands) -> None:
    score = commands.add(
        "score",
        _score,
        "answer every row of a file",
        "Write OUTPUT with one row for every row of INPUT: its own columns, then decision, career_1, confidence_1, ...",
        "people.csv --text-column about_me --output scored.csv --excel",
    )
    score.add_argument("input", metavar="INPUT", type=Path, help="a .csv, .tsv, .jsonl or .parquet file")
    score.add_argument("--text-column", metavar="NAME", required=True, help="the column with the text")
    score.add_argument("--output", metavar="OUT", type=Path, required=True, help="where to write; the suffix decides the format")
    _bundle_option(score)
    score.add_argument("--top", metavar="N", type=_positive, default=5, help="how many careers a row (default: 5)")
    score.add_argument("--excel", action="store_true", help="write for spreadsheets: byte order mark, formulas defused with an apostrophe")


def _score(args: argparse.Namespace) -> None:
    from vocation.batch import score
    from vocation.progress import Shown
    from vocation.recommend import Recommender

    counts = score(args.input, args.output, args.text_column, Recommender.load(args.bundle), args.top, args.excel, Shown())
    _say(f"Wrote {counts['rows']:,} rows to {args.output}: {counts['match']:,} matched, {counts['unsure']:,} unsure.")


def _add_evaluate(commands: _Commands) -> None:
    evaluate = commands.add(
        "evaluate",
        _evaluate,
        "measure a bundle on labelled rows",
        "Measure the bundle on the rows of INPUT, which name the right career. Names of the careers are masked in the text.",
        "test.csv --text-column text --label-column career",
    )
    evaluate.add_argument("input", metavar="INPUT", type=Path)
    evaluate.add_argument("--text-column", metavar="NAME", required=True, help="the column with the text")
    evaluate.add_argument("--label-column", metavar="NAME", required=True, help="the column with the right career")
    _bundle_option(evaluate)
    evaluate.add_argument("--json", action="store_true", help="print the figures as JSON")


def _evaluate(args: argparse.Namespace) -> None:
    from vocation.batch import evaluate
    from vocation.progress import Shown
    from vocation.recommend import Recommender

    result = evaluate(args.input, args.text_column, args.label_column, Recommender.load(args.bundle), Shown())
    if args.json:
        _say_json(result)
        return
    masked, plain = result["masked"], result["unmasked"]
    _say(f"{result['judged']:,} of {result['rows']:,} rows judged, role names masked:")
    for label, key in (("first answer right", "accuracy"), ("right in first three", "top_3"), ("90 % set holds it", "set_coverage")):
        entry = masked[key]
        _say(f"  {label:<21} {entry['value']:.1%} (95 % interval {entry['low']:.1%} to {entry['high']:.1%})")
    _say(f"  calibration error     {masked['calibration_error']:.3f}")
    _say(f"with role names left in: first answer right {plain['accuracy']['value']:.1%}")
    if result["unknown_labels"]:
        _say(f"not judged, careers that the bundle does not know: {', '.join(result['unknown_labels'][:8])}")


def _add_check(commands: _Commands) -> None:
    check = commands.add(
        "check",
        _check,
        "the production checklist",
        "Check the zip that you ship before it goes live: accuracy on held-out rows with role names masked, size, time for an answer, answers to "
        "texts of many kinds and to none, written limits. Exit status 1 if anything fails.",
        "--bundle models",
    )
    _bundle_option(check)


def _check(args: argparse.Namespace) -> int:
    from vocation.checklist import checklist, shipped

    archive = shipped(args.bundle)
    _say(f"Checked: {archive}")
    checks = checklist(archive)
    for check in checks:
        print(f"{_style('pass', '32') if check.passed else _style('FAIL', '31')}  {check.name:<22} {printable(check.found)}")
    return 0 if all(check.passed for check in checks) else 1


def _add_audit(commands: _Commands) -> None:
    audit = commands.add(
        "audit",
        _audit,
        "would somebody else be answered otherwise",
        "Ask the bundle about 1,000 generated texts with first names of eight groups and with she, he and they swapped: how often the first answer "
        "flips, how far its probability moves, how the pay of the first five careers differs. With --data FILE also whether groups of your own "
        "labelled rows are answered equally well. Exit status 1 if a limit is not kept.",
        "",
        "--bundle models --output audit.json",
        "--data test.csv --text-column text --label-column career --group-column group",
    )
    _bundle_option(audit)
    audit.add_argument("--count", metavar="N", type=_positive, default=1000, help="how many texts (default: 1000)")
    audit.add_argument("--seed", metavar="N", type=int, default=42, help="other texts with another number (default: 42)")
    audit.add_argument("--output", metavar="FILE", type=Path, help="write all figures as JSON, those of every pair of groups among them")
    audit.add_argument("--data", metavar="FILE", type=Path, help="labelled rows that the bundle has not learnt from")
    audit.add_argument("--text-column", metavar="NAME", help="the column of FILE with the text")
    audit.add_argument("--label-column", metavar="NAME", help="the column of FILE with the right career")
    audit.add_argument("--group-column", metavar="NAME", help="the column of FILE with the group that a person belongs to")


def _audit(args: argparse.Namespace) -> int:
    columns = [args.text_column, args.label_column, args.group_column]
    if bool(args.data) != all(columns) or any(columns) != bool(args.data):
        args.parser.error("--data FILE needs --text-column, --label-column and --group-column, and they need it")
    from vocation.audit import command
    from vocation.progress import Shown

    found = command(args.bundle, args.count, args.seed, (args.data, *columns) if args.data else None, args.output, Shown())
    return 0 if found else 1


def _add_runs(commands: _Commands) -> None:
    runs = commands.add(
        "runs",
        _runs,
        "list the training runs, or compare two",
        "Every training leaves a small record, without a row of the data, in the folder runs beside its bundle. Without A and B: list them, newest "
        "first. With A and B: what differs in settings and data, and the figures side by side. A run is named by its number in the list, by a part "
        "of its name, or by a bundle's folder.",
        "",
        "2 1",
        "--runs trials/runs --json",
    )
    runs.add_argument("pair", metavar="A B", nargs="*", help="two runs to compare")
    runs.add_argument("--runs", metavar="DIR", default="runs", help="the folder with the records (default: runs)")
    runs.add_argument("--json", action="store_true", help="print JSON")


def _runs(args: argparse.Namespace) -> None:
    from vocation import runs

    if len(args.pair) not in (0, 2):
        raise ConfigError(f"vocation runs compares two runs, found {len(args.pair)}: name both, or none to list them")
    records, odd = runs.load(args.runs)
    for name in odd:
        print(printable(f"vocation: {Path(args.runs) / name} is not the record of a run and is left out"), file=sys.stderr)
    if args.pair:
        found = runs.compare(*(runs.pick(records, which) for which in args.pair))
        if args.json:
            _say_json(found)
        else:
            _say("\n".join(runs.described(found)))
    elif args.json:
        _say_json([one.to_dict() for one in records])
    else:
        numbered = [["", *runs.HEADER], *([str(i), *runs.listed(one)] for i, one in enumerate(records, 1))]
        _say("\n".join(runs.table(numbered)) if records else f"No runs in {args.runs} yet.")


def _add_push(commands: _Commands) -> None:
    push = commands.add(
        "push",
        _push,
        "copy a bundle to a model hub or a folder",
        "Copy the bundle, verified, to PLACE: USER/NAME is a repository of the Hugging Face hub (log in first with  hf auth login), anything with "
        "./ or / before it a folder. Sent are the files of the bundle's manifest, a card with the figures, and the weights as safetensors where "
        "PyTorch is installed. No row of your data is among them, but descriptions, books, questions and answers are.",
        "my-name/careers --private",
        "/mnt/team/careers --bundle models",
    )
    push.add_argument("place", metavar="PLACE", help="USER/NAME of a repository, or a folder")
    _bundle_option(push)
    push.add_argument("--private", action="store_true", help="make a new repository visible to you alone")
    push.add_argument("--license", metavar="NAME", help="the hub's word for the model's licence, for example mit or cc-by-4.0")


def _push(args: argparse.Namespace) -> None:
    from vocation import hub

    _say(f"The bundle is at {hub.push(args.place, args.bundle, args.private, args.license)}")
    _say(f"Fetch it elsewhere:  vocation pull {args.place}")


def _add_pull(commands: _Commands) -> None:
    pull = commands.add(
        "pull",
        _pull,
        "fetch a bundle from a model hub or a folder",
        "Fetch a bundle from PLACE (USER/NAME on the Hugging Face hub, a folder, or a zip), verify every file, and write it to DIR. What lies there "
        "is replaced only when the new bundle is whole.",
        "my-name/careers",
        "/mnt/team/careers --output models",
    )
    pull.add_argument("place", metavar="PLACE", help="USER/NAME of a repository, a folder, or a zip")
    pull.add_argument("--output", metavar="DIR", default="models", help="the bundle's folder (default: models)")
    pull.add_argument("--revision", metavar="NAME", help="branch, tag or commit of the repository (default: the newest)")


def _pull(args: argparse.Namespace) -> None:
    from vocation import hub

    folder = hub.pull(args.place, args.output, args.revision)
    _say(f'Verified and written: {folder}\nTry it:  vocation recommend --bundle {folder} "I like taking engines apart"')


def _add_doctor(commands: _Commands) -> None:
    doctor = commands.add(
        "doctor",
        _doctor,
        "what this machine has and what it lacks",
        "Look at Python, packages, extras, GPU, threads, base model, disk, memory, cache and bundle, and say what to do about what is missing. Asks "
        "no network. Exit status 1 if something stops training or answering.",
        "",
        "--bundle models --json",
    )
    _bundle_option(doctor)
    doctor.add_argument("--base-model", metavar="NAME", help="look for this base model (default: the usual one)")
    doctor.add_argument("--json", action="store_true", help="print JSON")


def _doctor(args: argparse.Namespace) -> int:
    from dataclasses import asdict

    from vocation.doctor import examine

    findings = examine(args.bundle, args.base_model)
    if args.json:
        _say_json([asdict(one) for one in findings])
    else:
        for one in findings:
            colour = {"ok": "32", "note": "33", "broken": "31"}[one.kind]
            found = printable(f"{one.name:<14} {one.found}{f'{chr(10)}{chr(32) * 23}-> {one.cure}' if one.cure else ''}")
            print(f"{_style(f'{one.kind:<6}', colour)}  {found}")
    return 1 if any(one.kind == "broken" for one in findings) else 0


def _add_app(commands: _Commands) -> None:
    app = commands.add(
        "app",
        _app,
        "start the web page",
        "Start the web page with this bundle. Nothing leaves the machine, no text is stored.",
        "--bundle models --port 8080",
    )
    _bundle_option(app)
    app.add_argument("--port", metavar="N", type=_positive, default=8501, help="port (default: 8501)")


def _app(args: argparse.Namespace) -> int:
    import importlib.util
    import subprocess

    from vocation.recommend import Recommender

    if importlib.util.find_spec("streamlit") is None:
        raise MissingExtra("the web page", "app")
    Recommender.load(args.bundle)  # say what is wrong with a bundle here, not on a page
    inside = Path(__file__).parent / "app" / "app.py"  # in an installed wheel; a checkout has it beside src/
    script = inside if inside.is_file() else Path(__file__).parents[2] / "streamlit_app" / "app.py"
    if not script.is_file():
        raise ConfigError(f"the page is not installed: expected it at {inside}")
    # A fixed address to print: otherwise Streamlit asks a server on the internet for this machine's own.
    options = [
        "--browser.serverAddress",
        "localhost",
        "--server.port",
        str(args.port),
        "--browser.gatherUsageStats",
        "false",
        "--server.headless",
        "true",
    ]
    environment = {**os.environ, "VOCATION_BUNDLE": str(Path(args.bundle).resolve())}
    _say(f"http://localhost:{args.port}   (stop with Ctrl-C)")
    return subprocess.call([sys.executable, "-m", "streamlit", "run", str(script), *options], env=environment)


if __name__ == "__main__":
    sys.exit(main())
