"""Alters inputs of all readers and reads them, each in a process that may die of it.

`python -m tests.mutations.run --count 10000` is the long form; a short one is in the test-suite.
Prints each fault with what makes it again (databases and backups hold times and salts: keep those),
and exits with status 1 where there is any: a process that died, 20 seconds of processor time, 2 GB,
an exception that is no refusal, a difference that nobody tells.
"""

import argparse
import logging
import os
import sys
import tempfile
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from zlib import crc32

from karyogui.errors import KaryoError
from karyogui.workers.pool import Pool, Work
from tests.mutations.mutate import mutated
from tests.mutations.readers import READERS, seeds

SECONDS = 20.0
"""Seconds of processor time: a busy machine makes nothing slower by this measure."""
HANG = 300.0
"""Seconds by the clock: what waits for ever is ended, too."""
MEMORY = 2 * 2**30
READ, REFUSED = "read", "refused"


@dataclass(frozen=True)
class Trial:
    """One altered input: its reader, which of the sound inputs, the number of the alteration."""

    reader: str
    seed: str
    number: int


@dataclass(frozen=True)
class Fault:
    """What went wrong, and at what."""

    trial: Trial
    what: str


def make_seeds(place: Path, names: tuple[str, ...]) -> None:
    """Write the sound inputs of the readers."""
    for name in names:
        folder = place / name / "seeds"
        folder.mkdir(parents=True)
        READERS[name].make(folder)


def altered(place: Path, trial: Trial) -> bytes:
    """The input of a trial: always the same."""
    source = place / trial.reader / "seeds" / trial.seed
    random = Random(crc32(f"{trial.reader} {trial.seed} {trial.number}".encode()))
    return mutated(source.read_bytes(), random)


def try_one(place: Path, trial: Trial) -> str:
    """Read one altered input; what is not a refusal or a difference told raises."""
    with tempfile.TemporaryDirectory(dir=place / trial.reader) as folder:
        path = Path(folder) / trial.seed
        path.write_bytes(altered(place, trial))
        scratch = Path(folder) / "scratch"
        scratch.mkdir()
        try:
            silent = READERS[trial.reader].read(path, scratch)
        except KaryoError:
            return REFUSED
    if silent:
        raise AssertionError(silent)
    return READ


def prepare(place: Path) -> Work:
    """What the processes do."""
    logging.disable(logging.CRITICAL)
    return partial(try_one, place)


def trials(place: Path, count: int, names: tuple[str, ...], first: int = 0) -> list[Trial]:
    """So many trials, the readers and their inputs in turn."""
    inputs = {name: [p.name for p in seeds(place / name / "seeds")] for name in names}
    made = []
    for number in range(count):
        name = names[number % len(names)]
        turn = number // len(names)
        made.append(Trial(name, inputs[name][turn % len(inputs[name])], first + turn))
    return made


def run(
    count: int,
    names: tuple[str, ...] = tuple(READERS),
    jobs: int = 1,
    first: int = 0,
    keep: Path | None = None,
) -> tuple[Counter[str], list[Fault]]:
    """Try so many alterations; how they ended, and the faults, whose inputs go into `keep`."""
    ended: Counter[str] = Counter()
    faults: list[Fault] = []
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        make_seeds(place, names)
        pool = Pool(
            jobs,
            partial(prepare, place),
            memory=MEMORY,
            time_limit=HANG,
            processor_limit=SECONDS,
        )
        with closing(pool):
            for trial, outcome in pool.outcomes(trials(place, count, names, first)):
                how = outcome.value or outcome.sentence
                ended[f"{trial.reader}: {outcome.value or 'fault'}"] += 1
                if outcome.value not in (READ, REFUSED):
                    faults.append(Fault(trial, how))
                    if keep is not None:
                        keep.mkdir(parents=True, exist_ok=True)
                        (keep / f"{trial.number} {trial.seed}").write_bytes(altered(place, trial))
    return ended, faults


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0, help="number of the first alteration")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--reader", action="append", choices=tuple(READERS))
    parser.add_argument("--keep", type=Path, help="a folder for the inputs of the faults")
    parser.add_argument("--again", nargs=3, metavar=("READER", "SEED", "NUMBER"))
    options = parser.parse_args()
    if options.again:
        reader, seed, number = options.again
        with tempfile.TemporaryDirectory() as folder:
            make_seeds(Path(folder), (reader,))
            sys.stdout.write(try_one(Path(folder), Trial(reader, seed, int(number))) + "\n")
        return 0
    names = tuple(options.reader or READERS)
    ended, faults = run(options.count, names, options.jobs, options.first, options.keep)
    for how, times in sorted(ended.items()):
        sys.stdout.write(f"{how}: {times}\n")
    for fault in faults:
        trial = fault.trial
        sys.stdout.write(f"{trial.reader!r} {trial.seed!r} {trial.number}: {fault.what}\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
