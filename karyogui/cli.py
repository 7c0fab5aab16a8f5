"""The command line: `main.py` alone opens the window, with a verb it works without one.

Exit status 0: done; 1: a bug, described in the log, or (of `iscn check`) a karyotype that is not
valid, or (of `check`) a data folder that is not sound; 2: bad input or a refusal of the system,
explained in one sentence; 130: interrupted. Nothing heavy is imported before a verb is known.
"""

from __future__ import annotations

import argparse
import gc
import logging
import sys
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, cast

from karyogui import __version__
from karyogui.cli_case_report import add_case_report, add_score_sheet
from karyogui.cli_own_cells import COLLECTED
from karyogui.cli_parts import (
    ConsoleMonitor,
    add_case_options,
    complain,
    folder_of,
    opened,
    plain_text,
    tell,
)
from karyogui.cli_record import KINDS, add_record_verbs
from karyogui.errors import KaryoError
from karyogui.log import tell_more
from karyogui.paths import WEIGHTS, cache_folder, log_folder
from model.vocabulary.choices import DEVICES

if TYPE_CHECKING:
    from karyogui.domain.case import Case
    from karyogui.domain.cell import Cell
    from karyogui.domain.recipe import Recipe
    from karyogui.export import Exporter
    from karyogui.services.discovery import CellSource
    from karyogui.services.looks import Seen
    from karyogui.services.ports import Network

log = logging.getLogger(__name__)

DONE, BUG, REFUSED, INTERRUPTED = 0, 1, 2, 130
INVALID = 1
"""`iscn check`: not all karyotypes are valid."""
DEFAULT_WEIGHTS = WEIGHTS / "compact.safetensors"
MODEL_VERBS = {
    "train": (
        "model.training.train",
        "train a network (see `train --help`; `--own-cells DATA_FOLDER` "
        "instead of `--data`: on the reviewed cells of a data folder)",
    ),
    "evaluate": ("model.evaluation.cells.evaluate", "measure weights on an archive"),
    "evaluate-metaphases": (
        "model.evaluation.metaphases.evaluate",
        "measure separation and classification on photographs of metaphases",
    ),
    "train-separation": (
        "model.training.train_separation",
        "train the network that separates chromosomes (`--own-cells DATA_FOLDER`: on its "
        "checked photographs)",
    ),
    "evaluate-separation": (
        "model.evaluation.separations",
        "count the repairs that a separation leaves on checked pictures",
    ),
    "cut-metaphases": (
        "model.data.metaphase_crops",
        "cut labelled chromosomes out of annotated metaphases, to train on",
    ),
    "calibrate": ("model.evaluation.cells.calibrate", "fit the probabilities to held-out cells"),
    "audit-labels": (
        "model.evaluation.cells.label_audit",
        "list labels that deserve a second look",
    ),
    "bench": ("karyogui.workers.bench", "measure start-up, analysis and responsiveness"),
}
"""Verbs that read their own arguments: module with a `main(arguments)`, and a line of help."""
MEASURING = ("evaluate", "evaluate-metaphases", "evaluate-separation")
"""Of these, those that convert the network, which takes seconds, where no `--cache` has it."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    try:
        return _run(arguments)
    except KeyboardInterrupt:
        complain("Interrupted.")
        return INTERRUPTED
    except KaryoError as error:
        complain(str(error))
        return REFUSED
    except Exception as error:
        complain(_logged(error))
        return BUG


def _run(arguments: list[str]) -> int:
    if arguments and arguments[0] in MODEL_VERBS:
        return _run_model_verb(arguments[0], arguments[1:])
    options = _parser().parse_args(arguments)
    if options.debug:
        tell_more()
    run = cast(Callable[[argparse.Namespace], int], options.run)
    return run(options)


def _run_model_verb(verb: str, arguments: list[str]) -> int:
    """The model package reads its own arguments, so that it runs without the application."""
    if verb in COLLECTED:
        arguments = COLLECTED[verb](arguments)
    if verb in MEASURING:
        arguments = ["--cache", str(cache_folder()), *arguments]
    module, _ = MODEL_VERBS[verb]
    run = cast(Callable[[list[str]], int], import_module(module).main)
    return run(arguments)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="main.py",
        description="KaryoGUI: karyotyping of G-banded chromosomes. Without a verb: the window.",
        epilog="Not a certified medical device.",
    )
    parser.add_argument("--version", action="version", version=f"KaryoGUI {__version__}")
    parser.add_argument("--debug", action="store_true", help="log details, here too")
    parser.add_argument("--demo", action="store_true", help="open the demonstration cases")
    parser.add_argument("--data-folder", type=Path, help="where the cases are kept")
    parser.set_defaults(run=_window)
    verbs = parser.add_subparsers(title="verbs", metavar="VERB")
    _add_analyse(verbs.add_parser("analyse", help="analyse cells to files"))
    _add_report(verbs.add_parser("report", help="export a case of the data folder"))
    add_case_report(verbs)
    add_score_sheet(verbs)
    _add_iscn(verbs.add_parser("iscn", help="check karyotypes written in ISCN"))
    add_record_verbs(verbs)
    for verb, (_, line) in MODEL_VERBS.items():
        verbs.add_parser(verb, help=line, add_help=False)
    return parser


def _add_analyse(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "inputs",
        nargs="+",
        type=Path,
        metavar="INPUT",
        help="a photograph of a metaphase, a folder of them, or a folder or zip of cut-outs",
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="where to write")
    parser.add_argument(
        "--jobs",
        type=int,
        metavar="N",
        help="so many processes, one line of JSON for each input (default with --resume: all "
        "processors); without --out into INPUT-results in the present folder",
    )
    parser.add_argument(
        "--resume", action="store_true", help="continue what --jobs began in the same --out"
    )  # fmt: skip
    parser.add_argument("--weights", type=Path, default=DEFAULT_WEIGHTS, help="default: bundled")
    parser.add_argument("--device", choices=DEVICES, default="auto")
    parser.add_argument(
        "--kind", choices=tuple(KINDS), default="auto", help="what the pictures show"
    )
    parser.add_argument(
        "--separator",
        choices=("auto", "learned", "classical"),
        default="auto",
        help="how chromosomes are separated in a photograph (default: learned where possible)",
    )
    parser.add_argument(
        "--separation-weights", type=Path, metavar="FILE",
        help="weights of the learned separation (default: bundled)",
    )  # fmt: skip
    for name, what in (("width", "width of a chromosome"), ("scale", "scale of the types")):
        parser.add_argument(
            f"--{name}", type=float, default=0.0, metavar="FACTOR",
            help=f"of photographs: multiply the estimated {what} by this (default: chosen by the "
            "cell)",
        )  # fmt: skip
    parser.set_defaults(run=_analyse, misused=parser.error)


def _add_report(parser: argparse.ArgumentParser) -> None:
    add_case_options(parser)
    parser.add_argument(
        "--cell", type=plain_text, action="append", default=[], metavar="NAME",
        help="a cell of the case, and more by more of these (default: every analysed one)",
    )  # fmt: skip
    parser.add_argument("--format", default="pdf", help="pdf (default), png, tiff, json or csv")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="file to write")
    parser.set_defaults(run=_report)


def _add_iscn(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    check = verbs.add_parser("check", help="say what is wrong with karyotypes and suggest repairs")
    check.add_argument("strings", nargs="*", metavar="STRING", help="a karyotype, in quotes")
    check.add_argument("--file", type=Path, metavar="FILE", help="one karyotype a line (UTF-8)")
    check.add_argument("--json", action="store_true", help="one JSON object a line")
    check.add_argument("--edition", choices=("2016", "2020", "2024"), default="2024")
    check.set_defaults(run=_check_iscn)
    describe = verbs.add_parser("describe", help="describe karyotypes in words")
    describe.add_argument("strings", nargs="*", metavar="STRING", help="a karyotype, in quotes")
    describe.add_argument("--file", type=Path, metavar="FILE", help="one karyotype a line (UTF-8)")
    describe.set_defaults(run=_describe_iscn)


def _window(options: argparse.Namespace) -> int:
    run = load_window()
    return run(options.data_folder, options.demo)


def load_window() -> Callable[[Path | None, bool], int]:
    """Import what the window needs; returns what opens it, `karyogui.app.run`."""
    # What is imported stays until the end: to look for garbage among it costs a fifth of the start.
    gc.disable()
    # Before Qt, which reads the source of every module that is imported after it.
    import_module("karyogui.services.workspace")
    app = import_module("karyogui.app")
    gc.freeze()
    gc.enable()
    return cast(Callable[[Path | None, bool], int], app.run)


def _analyse(options: argparse.Namespace) -> int:
    """Write JSON, PDF and PNG for each cell; a bad input does not keep the good ones from it."""
    from karyogui.domain.cell import PictureKind
    from karyogui.services.batch import file_names
    from karyogui.services.discovery import find_cells
    from karyogui.services.looks import Seen
    from karyogui.services.sorting import sort_pictures
    from karyogui.workers.model_analyser import ModelAnalyser

    word = KINDS[options.kind]
    choice = PictureKind(word) if word else None
    recipe = _by_hand(options)
    open_network = partial(
        ModelAnalyser, options.weights, options.device, separator=options.separator,
        separation=options.separation_weights,
    )  # fmt: skip
    with find_cells(options.inputs) as found:
        if options.jobs is not None or options.resume:
            from karyogui.cli_batch import run

            return run(found, options, choice, open_network, recipe)
        if options.out is None:
            options.misused("the following arguments are required: --out")
        chosen = sort_pictures(found.cells, ConsoleMonitor(), choice)
        problems = [*found.problems, *chosen.problems]
        for problem in problems:
            complain(problem)
        if not chosen.cells:
            return REFUSED
        analyser = open_network()
        analyser.load()
        names = file_names(chosen.cells)
        seen = Seen()
        done = [
            _analyse_one(source, analyser, options.out, name, seen, recipe)
            for source, name in zip(chosen.cells, names, strict=True)
        ]
    return DONE if all(done) and not problems else REFUSED


def _by_hand(options: argparse.Namespace) -> Recipe | None:
    """What the options say of width and scale; `KaryoError` for what cannot be."""
    from karyogui.domain.recipe import LEAST_FACTOR, MOST_FACTOR, Recipe

    try:
        recipe = Recipe(width=options.width, scale=options.scale)
    except ValueError as error:
        sentence = f"--width and --scale take a factor from {LEAST_FACTOR:g} to {MOST_FACTOR:g}."
        raise KaryoError(sentence) from error
    return None if recipe.is_identity else recipe


def _analyse_one(
    source: CellSource,
    analyser: Network,
    folder: Path,
    name: str,
    seen: Seen,
    recipe: Recipe | None,
) -> bool:
    """Write one cell's files; False when something of it could not be used.

    `seen` are the pictures of the cells before it; `recipe` is how a photograph is looked at.
    """
    from karyogui.export.cell_files import write_cell
    from karyogui.export.facts import nearly_as_likely
    from karyogui.export.letters import letters_missing_in
    from karyogui.services.batch import analyse_cell
    from karyogui.services.file_names import shown_name

    try:
        analysed = analyse_cell(source, analyser, ConsoleMonitor(), seen, recipe)
    except KaryoError as error:
        text = str(error)
        complain(text if source.name in text else f"{source.name}: {text}")
        return False
    for sentence in (*analysed.problems, *analysed.remarks):
        complain(sentence)
    cell = analysed.report.cell
    names = [picture.name for picture in cell.pictures]
    _complain_of_letters(letters_missing_in([source.case_name, cell.name, cell.slide, *names]))
    _, failures = write_cell(analysed, folder, name)
    for failure in failures:
        complain(failure)
    told = " ".join(filter(None, (str(analysed.report.iscn), nearly_as_likely(analysed.report))))
    print(shown_name(f"{folder / name}.json: {told}"), flush=True)
    return not (failures or analysed.problems)


def _complain_of_letters(sentence: str) -> None:
    if sentence:
        complain(sentence)


def _report(options: argparse.Namespace) -> int:
    from karyogui.export.letters import letters_sentence
    from karyogui.services.file_names import shown_name

    exporter = _exporter(options.format)
    with opened(folder_of(options)) as workspace:
        case = workspace.library.case_named(options.case)
        chosen = _cells_named(case, options.cell)
        if exporter.prints:
            cells = [cell.id for cell in case.cells] if chosen is None else chosen
            _complain_of_letters(letters_sentence(case, cells))
        data = workspace.reports.report_data(case.id, chosen)
        workspace.reports.export(data, exporter, options.out)
    tell(shown_name(str(options.out)))
    return DONE


def _cells_named(case: Case[Cell], names: Sequence[str]) -> tuple[int, ...] | None:
    """Ids of the cells of these names; None where none is named, for all of the case."""
    if not names:
        return None
    there = {cell.name for cell in case.cells}
    if missing := [name for name in names if name not in there]:
        raise KaryoError(
            f"There is no cell named {', '.join(missing)} in case {case.name}.",
            f"There are: {', '.join(sorted(there))}.",
        )
    return tuple(cell.id for cell in case.cells if cell.name in names)


def _check_iscn(options: argparse.Namespace) -> int:
    """Check karyotypes; exit status 0 when all are valid, else 1."""
    from karyogui.domain.iscn import Edition, check
    from karyogui.export.iscn_lines import verdict_json, verdict_text

    shown = verdict_json if options.json else verdict_text
    are_valid = True
    for text in _karyotypes(options):
        verdict = check(text, Edition(options.edition))
        are_valid &= verdict.valid
        tell(shown(verdict))
    return DONE if are_valid else INVALID


def _describe_iscn(options: argparse.Namespace) -> int:
    """Tell in words what karyotypes say; exit status 0 when all are valid, else 1."""
    from karyogui.domain.iscn import check, describe

    are_valid = True
    for text in _karyotypes(options):
        is_valid = check(text).valid
        are_valid &= is_valid
        doubt = "" if is_valid else "\n  This is not valid ISCN: see `iscn check`."
        tell("\n".join((text, *(f"  {sentence}" for sentence in describe(text)))) + doubt)
    return DONE if are_valid else INVALID


def _karyotypes(options: argparse.Namespace) -> list[str]:
    """The karyotypes of the command line or of a file, one a line, spaces kept."""
    if bool(options.strings) == (options.file is not None):
        raise KaryoError("Give either karyotypes, each in quotes, or --file FILE.")
    if options.file is None:
        return list(options.strings)
    try:
        text = options.file.read_bytes().decode("utf-8-sig", errors="replace")
    except OSError as error:
        reason = error.strerror or "it cannot be read"
        raise KaryoError(f"{options.file} cannot be read: {reason}.") from error
    lines = text.split("\n")
    if lines[-1] == "":
        del lines[-1]
    return [line.removesuffix("\r") for line in lines]


def _exporter(wanted: str) -> Exporter:
    """The exporter of a format by the ending of its files."""
    from karyogui.export import EXPORTERS

    by_format = {_format(exporter): exporter for exporter in EXPORTERS}
    if wanted not in by_format:
        raise KaryoError(f"There is no format {wanted}.", f"There are: {', '.join(by_format)}.")
    return by_format[wanted]


def _format(exporter: Exporter) -> str:
    ending = exporter.suffix.lstrip(".")
    return {"tif": "tiff"}.get(ending, ending)


def _logged(error: Exception) -> str:
    from karyogui.log import close_log, open_log

    handler = open_log(log_folder())
    try:
        log.error("the command line ended by a bug", exc_info=error)
    finally:
        close_log(handler)
    return (
        f"Something went wrong inside KaryoGUI ({type(error).__name__}). "
        f"The details are in {log_folder()}."
    )
