"""Verbs about what is stored: check, backup, restore, erase, import, export-case."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from karyogui.cli_parts import complain, existing, folder_of, opened, plain_text, tell
from karyogui.domain.amounts import amount
from karyogui.errors import KaryoError

if TYPE_CHECKING:
    from karyogui.services.workspace import Workspace

    Verbs = argparse._SubParsersAction[argparse.ArgumentParser]

DONE, UNSOUND, REFUSED = 0, 1, 2
KINDS = {"auto": "", "metaphase": "metaphase", "cut-outs": "cut-out"}
"""What a person may say that pictures show: word on the command line → `PictureKind`."""


def add_record_verbs(verbs: Verbs) -> None:
    """Add the verbs of this module: about a whole data folder first."""
    check = _verb(
        verbs, "check", _check,
        "check that a data folder is sound: database, schema, pictures, trail, signatures",
        "Exit status 0: sound. 1: not sound, with every finding. 2: there is no such folder.",
    )  # fmt: skip
    check.add_argument("--json", action="store_true", help="one JSON object")
    backup = _verb(
        verbs, "backup", _backup,
        "write a data folder into one file, also while a window has it open",
        "Exit status 0: written and verified. 1: written, but pictures were missing. 2: refused.",
    )  # fmt: skip
    backup.add_argument("--to", type=Path, required=True, metavar="FILE", help="file to write")
    backup.add_argument("--replace", action="store_true", help="replace an existing file")
    restore = _verb(
        verbs, "restore", _restore,
        "make a data folder from a backup; an existing one is kept beside it",
        "Exit status 0: restored. 2: refused, and nothing was changed.",
    )  # fmt: skip
    restore.add_argument("file", type=Path, metavar="FILE", help="the backup")
    restore.add_argument(
        "--accept-findings", action="store_true", help="restore a backup that is not sound, too"
    )
    _add_case_verbs(verbs)


def _add_case_verbs(verbs: Verbs) -> None:
    """Add the verbs about a single case."""
    erase = _verb(
        verbs, "erase", _erase,
        "delete a case for good, with a reason that stays in the trail",
        "Nothing of it can be brought back but from a backup. Exit status 0: erased. 2: refused.",
    )  # fmt: skip
    erase.add_argument(
        "--case", required=True, type=plain_text, metavar="NAME", help="the case's name"
    )
    erase.add_argument(
        "--reason", type=plain_text, metavar="TEXT", help="why; asked for in a terminal"
    )
    bring = _verb(
        verbs, "import", _import,
        "import pictures, cut-outs, karyograms, or a case that was exported; nothing is analysed",
        "Exit status 0: all came in. 2: something was left out, and is named.",
    )  # fmt: skip
    bring.add_argument("inputs", nargs="+", type=Path, metavar="INPUT", help="file, folder or zip")
    bring.add_argument(
        "--case", type=plain_text, metavar="NAME", help="into this case, made where there is none"
    )
    bring.add_argument(
        "--again", action="store_true", help="import pictures again that are already there"
    )
    bring.add_argument(
        "--kind", choices=tuple(KINDS), default="auto", help="what the pictures show"
    )
    export = _verb(
        verbs, "export-case", _export_case,
        "write a case with pictures, trail and sign-offs into one file, for `import` elsewhere",
        "Exit status 0: written and verified. 2: refused.",
    )  # fmt: skip
    export.add_argument("case", type=plain_text, metavar="NAME", help="the case's name")
    export.add_argument("--to", type=Path, required=True, metavar="FILE", help="file to write")
    export.add_argument("--replace", action="store_true", help="replace an existing file")
    export.add_argument(
        "--anonymous",
        action="store_true",
        help="new names, dates shifted, no free text, no persons, no trail; of photographs only "
        "the area around the chromosomes",
    )
    export.add_argument(
        "--no-text-in-pictures",
        action="store_true",
        help="with --anonymous: you have checked that no text is burned into the photographs; "
        "they are exported whole",
    )


def _verb(
    verbs: Verbs, name: str, run: Callable[[argparse.Namespace], int], line: str, more: str
) -> argparse.ArgumentParser:
    parser = verbs.add_parser(name, help=line, description=f"{line[0].upper()}{line[1:]}. {more}")
    parser.add_argument("--data-folder", type=Path, metavar="DIR", help="where the cases are kept")
    parser.set_defaults(run=run)
    return parser


def _check(options: argparse.Namespace) -> int:
    from karyogui.services.record import check_folder, names_of_findings

    folder = existing(folder_of(options))
    checked = check_folder(folder)
    if options.json:
        told = {
            "sound": checked.is_sound,
            "folder": str(folder),
            "findings": [finding.as_json() for finding in checked.findings],
            "notes": list(checked.notes),
        }
        tell(json.dumps(told, ensure_ascii=True, indent=1))
        return DONE if checked.is_sound else UNSOUND
    for finding in checked.findings:
        tell(f"{finding.kind}: {finding.sentence}")
    for note in checked.notes:
        tell(f"note: {note}")
    if checked.is_sound:
        tell(f"{folder} is sound.")
        return DONE
    count = amount(len(checked.findings), "finding")
    tell(f"{folder} is not sound: {count} ({names_of_findings(checked.findings)}).")
    return UNSOUND


def _backup(options: argparse.Namespace) -> int:
    from karyogui.services.record import back_up

    done = back_up(folder_of(options), options.to, options.replace)
    cases, pictures = amount(done.cases, "case"), amount(done.pictures, "picture")
    tell(f"{done.path}: {cases}, {pictures}, verified.")
    if done.missing:
        missing = amount(len(done.missing), "picture")
        complain(f"{missing} missing from the data folder, and from the backup. Run `check`.")
        return UNSOUND
    return DONE


def _restore(options: argparse.Namespace) -> int:
    from karyogui.services.record import restore

    done = restore(options.file, folder_of(options), options.accept_findings)
    tell(f"Restored to {done.folder}.")
    if done.kept is not None:
        tell(f"What was there is kept as {done.kept}.")
    return DONE


def _erase(options: argparse.Namespace) -> int:
    reason = options.reason
    if reason is None and sys.stdin is not None and sys.stdin.isatty():
        reason = input(f"Why is case {options.case} erased for good? ")
    if not (reason or "").strip():
        raise KaryoError("A case is erased with a reason.", "Say why with --reason.")
    with opened(folder_of(options)) as workspace:
        case_id = workspace.library.id_named(options.case, in_bin=True)
        done = workspace.record.erase(case_id, reason)
    what = f"{amount(done.cells, 'cell')}, {amount(done.pictures, 'picture')}"
    tell(f"Case {options.case} erased: {what}. Earlier backups still contain it.")
    return DONE


def _import(options: argparse.Namespace) -> int:
    from karyogui.services.record import is_case_file

    files = [path for path in options.inputs if is_case_file(path)]
    pictures = [path for path in options.inputs if path not in files]
    if files and options.case and (pictures or len(files) > 1):
        raise KaryoError("--case names one case: import the exported case by itself.")
    problems: list[str] = []
    with opened(folder_of(options), new=True) as workspace:
        for path in files:
            try:
                came = workspace.record.import_case(path, options.case)
            except KaryoError as error:
                problems.append(str(error))
                continue
            renamed = "" if came.name == came.was_named else f" (exported as {came.was_named})"
            tell(f"{came.name}{renamed}: {amount(len(came.cell_ids), 'cell')} imported.")
        if pictures:
            try:
                problems += _import_pictures(workspace, pictures, options)
            except KaryoError as error:
                problems.append(str(error))
    for problem in problems:
        complain(problem)
    return REFUSED if problems else DONE


def _import_pictures(
    workspace: Workspace, paths: list[Path], options: argparse.Namespace
) -> tuple[str, ...]:
    from karyogui.domain.cell import PictureKind
    from karyogui.services.progress import SilentMonitor

    name, kind = options.case or "", KINDS[options.kind]
    case_id = workspace.library.find_named(name) if name else None
    outcome = workspace.importer.import_paths(
        paths,
        SilentMonitor(),
        case_id,
        PictureKind(kind) if kind else None,
        choose=lambda _: bool(options.again),
        case_name="" if case_id is not None else name,
    )
    for number in outcome.case_ids:
        case, cells = workspace.library.name_and_cells(number)
        came = sum(cell in outcome.cell_ids for cell in cells)
        tell(f"{case}: {amount(came, 'cell')} imported.")
    for remark in outcome.remarks:
        complain(remark)
    return outcome.problems


def _export_case(options: argparse.Namespace) -> int:
    if options.no_text_in_pictures and not options.anonymous:
        raise KaryoError("--no-text-in-pictures goes with --anonymous.")
    if options.to.exists() and not options.replace:
        raise KaryoError(f"{options.to} exists already.", "Choose another name for the file.")
    with opened(folder_of(options)) as workspace:
        case_id = workspace.library.id_named(options.case)
        left_out = workspace.record.export_case(
            case_id, options.to, options.anonymous, options.no_text_in_pictures
        )
    for sentence in left_out:
        complain(sentence)
    tell(f"{options.to}: case {options.case}, verified.")
    return DONE
