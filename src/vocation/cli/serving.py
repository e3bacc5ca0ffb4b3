"""Commands that ask a bundle: recommend, evaluate."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from vocation import catalogue
from vocation.cli.options import (
    Commands,
    bundle_option,
    encoding_option,
    positive,
    say,
    say_json,
    style,
)
from vocation.errors import DataError
from vocation.format import measured, percent, rate
from vocation.text.clean import MAX_TEXT, clean, printable

if TYPE_CHECKING:
    from vocation.records import Recommendation, Suggestion
    from vocation.serving.recommend import Recommender

_NAMED = 8  # unknown careers that `evaluate` names


def add_recommend(commands: Commands) -> None:
    """Declare `vocation recommend`."""
    recommend = commands.add(
        "recommend",
        _recommend,
        "careers for one text or more",
        "Recommend careers for each TEXT. Without TEXT, one text a line is read from standard"
        " input.",
        '"I love building web applications" --explain',
        '"Something with people" --answer "Teaching children to read"',
        "--json --top 3 < texts.txt",
    )
    recommend.add_argument("text", metavar="TEXT", nargs="*")
    bundle_option(recommend)
    recommend.add_argument(
        "--top",
        metavar="N",
        type=positive,
        help="how many careers (default: 5, and 3 ideas where the answer is unsure)",
    )
    recommend.add_argument(
        "--explain",
        action="store_true",
        help="show the phrases for and against each career, and how each clause was understood",
    )
    recommend.add_argument(
        "--answer",
        metavar="TEXT",
        default="",
        help="what the person says to the question of an unsure answer; read with the one TEXT",
    )
    choice_options(recommend)
    recommend.add_argument(
        "--json",
        action="store_true",
        help="print JSON: one object for one text, a list for several",
    )


def choice_options(command: argparse.ArgumentParser) -> None:
    """Which careers may be named."""
    command.add_argument(
        "--exclude",
        metavar="CAREER",
        action="append",
        default=[],
        help="leave this career out; may be repeated",
    )
    command.add_argument(
        "--only",
        metavar="CAREER",
        action="append",
        help="leave out all but this career; may be repeated",
    )


def _recommend(args: argparse.Namespace) -> None:
    texts = args.text
    if not texts:
        if sys.stdin.isatty():
            print("One text a line; end with Ctrl-D.", file=sys.stderr)
        texts = [line for line in _lines(sys.stdin) if line.strip()]
    if not texts and not args.json:  # a program gets an empty list
        raise DataError(
            "expected a text behind the command, or one a line on standard input; found none:"
            ' vocation recommend "I like ..."'
        )
    if args.answer and len(texts) != 1:
        raise DataError(f"--answer belongs to one text, found {len(texts)}: give it one TEXT")
    from vocation.serving.recommend import Recommender

    recommender = Recommender.load(args.bundle)
    choice = chosen(recommender, args)
    if args.answer:
        answers = [
            recommender.recommend(texts[0], args.top, args.explain, answer=args.answer, **choice)
        ]
    else:
        answers = recommender.recommend(texts, args.top, args.explain, **choice)
    if args.json:
        values = [answer.to_dict() for answer in answers]
        say_json(values[0] if len(values) == 1 else values)
        return
    for i, (text, answer) in enumerate(zip(texts, answers, strict=True)):
        if len(texts) > 1:
            say(f"{chr(10) if i else ''}> {clean(text)[:100]}")
        _print_answer(answer, args.explain)


def chosen(recommender: Recommender, args: argparse.Namespace) -> dict[str, Any]:
    """Return the options `exclude` and `only`, checked."""
    from vocation.serving.asked import choose

    try:
        choose(recommender.careers, args.exclude, args.only)
    except ValueError as error:
        raise DataError(str(error)) from None
    return {"exclude": args.exclude, "only": args.only}


def _lines(stream: TextIO) -> Iterator[str]:
    """Yield the lines of `stream` without their ends, of a very long one only the beginning."""
    longest = MAX_TEXT + 1  # one more than is read: the answer says that there was more
    while line := stream.readline(longest):
        yield line.rstrip("\n")
        while len(line) == longest and not line.endswith("\n"):
            line = stream.readline(longest)


def _print_answer(answer: Recommendation, explain: bool) -> None:
    if answer.decision == "help":
        reason = str(answer.reason)
        print(printable(f"{reason[0].upper()}{reason[1:]}. {answer.question}"))
        return
    unsure = answer.decision == "unsure"
    if unsure:
        print(style(f"Not sure: {answer.reason}.", "33"), printable(str(answer.question)))
    if answer.truncated:
        say("(the text is very long: its end was not read)")
    if answer.directions:
        say(f"{answer.directions_told()}.")
    for one in answer.careers:
        # Confidence was calibrated on texts that can be answered: an unsure answer shows none.
        said = one.about if unsure else f"{percent(one.confidence):>9}  {one.words}"
        print(f"{style(f'{one.career:<28}', '1')} {printable(said)}".rstrip())
        if place := catalogue.place(one.family, one.job_zone):
            say(f"    {place}")
        if not unsure:
            _print_details(one)
        if one is answer.careers[0] and answer.near:
            say(f"    close to it: {', '.join(answer.near)}")
    likely, shared = catalogue.likely, catalogue.shared
    if families := likely(answer, catalogue.TERMINAL) or shared(answer, catalogue.TERMINAL):
        say(families)
    if explain:
        for clause in answer.clauses:
            say(f'{clause.stance}{"" if clause.counts else ", not read"}: "{clause.text}"')


def _print_details(one: Suggestion) -> None:
    if one.skills_held:
        say(f"    has: {', '.join(one.skills_held)}")
    if one.skills_missing:
        say(f"    to learn: {', '.join(one.skills_missing[:6])}")
    for phrase in one.because or ():
        say(f'    because: "{phrase}"')
    for phrase, other in zip(one.against or (), one.against_for or (), strict=True):
        say(f'    against: "{phrase}"{f" (speaks for {other})" if other else ""}')
    if one.nearest:
        say(f"    nearest to what is said about it: {one.nearest}")
    if one.because is not None and one.entry_route:  # only where an explanation is asked for
        say(f"    how to get in: {one.entry_route}")


def add_evaluate(commands: Commands) -> None:
    """Declare `vocation evaluate`."""
    evaluate = commands.add(
        "evaluate",
        _evaluate,
        "measure a bundle on labelled rows",
        "Measure the bundle on the rows of INPUT, which name the right career. Names of the careers"
        " are masked in the text.",
        "test.csv --text-column text --label-column career",
    )
    evaluate.add_argument("input", metavar="INPUT", type=Path)
    evaluate.add_argument(
        "--text-column", metavar="NAME", required=True, help="the column with the text"
    )
    evaluate.add_argument(
        "--label-column", metavar="NAME", required=True, help="the column with the right career"
    )
    encoding_option(evaluate)
    bundle_option(evaluate)
    evaluate.add_argument(
        "--runs",
        metavar="DIR",
        type=Path,
        help=(
            "folder with the records of trainings, to tell rows that were learnt (default: runs,"
            " beside the bundle's folder)"
        ),
    )
    evaluate.add_argument("--json", action="store_true", help="print the figures as JSON")


def _evaluate(args: argparse.Namespace) -> None:
    from vocation.metrics import LABELS
    from vocation.progress import ConsoleProgress
    from vocation.reports import breakdown, learnt, runs
    from vocation.serving.batch import NOT_JUDGED, evaluate
    from vocation.serving.inputs import account
    from vocation.serving.recommend import Recommender

    recommender = Recommender.load(args.bundle)
    folder = runs.folder_of(args.bundle, args.runs)
    known = learnt.find(folder, recommender.metadata)
    result = evaluate(
        args.input,
        args.text_column,
        args.label_column,
        recommender,
        ConsoleProgress(),
        known,
        args.encoding,
    )
    if args.json:
        say_json(result)
        return
    masked, plain = result["masked"], result["unmasked"]
    say(f"{result['judged']:,} of {result['rows']:,} rows judged, role names masked:")
    for key in ("accuracy", "top_3", "set_coverage"):
        say(f"  {LABELS[key]:<36} {measured(masked[key])}")
    say(f"  {LABELS['calibration_error']:<36} {masked['calibration_error']:.3f}")
    for line in breakdown.mixed_up(result["mixed_up"]):
        say(line)
    say(learnt.sentence(result["learnt"], result["judged"], known, folder))
    say(f"with role names left in: top-1 accuracy {rate(plain['accuracy']['value'])}")
    if left_out := result["rows"] - result["judged"]:
        say(f"{left_out:,} of {result['rows']:,} rows not judged:")
    for key, count in result["not_judged"].items():
        names = _unknown(result) if key == "unknown_label" else ""
        if count:
            say(f"  {count:,}: {NOT_JUDGED[key]}{names}")
    for line in account(result["unread"], result["hints"]):
        say(line)


def _unknown(result: Mapping[str, Any]) -> str:
    names = result["unknown_labels"]
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return f" ({', '.join(names[:_NAMED])}{more})"
