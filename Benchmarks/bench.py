# SPDX-License-Identifier: Apache-2.0
"""The benchmark program: `make bench`, or `scripts/bench.sh --help`."""

from __future__ import annotations

import argparse
import fcntl
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import against
import downloads
import memory
import nodes
import scale
import transports
import uploads
from measure import BenchmarkError, Line, Step
from report import machine, table, write_document
from settings import Bench, Settings, size_text

GROUPS = (downloads, transports, uploads, memory, scale, nodes)
NAMES = [name for group in GROUPS for name in group.NAMES]
FAILURES = (BenchmarkError, OSError, subprocess.SubprocessError)
REPOSITORY = Path(__file__).resolve().parent.parent


def main() -> int:
    options = parse_options()
    settings = Settings.quick() if options.quick else Settings()
    if options.runs is not None:
        settings = replace(settings, runs=options.runs)
    # A signal ends the program through the clean-up, like a failure does.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, _: sys.exit(128 + received))
    root = REPOSITORY / ".build-bench"
    root.mkdir(exist_ok=True)
    with open(root / "lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit("bench: another benchmark is running in this directory: wait for its end")
        return measure(options, settings, root / "work")


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/bench.sh",
        description="Measure the release binary beside nginx and docker-registry; GRANARY names another binary.",
        epilog="example: scripts/bench.sh --only download --runs 3",
    )
    parser.add_argument(
        "--only", action="append", metavar="NAME",
        help=f"measure only lines whose name begins so; can be repeated; the names are {', '.join(NAMES)}",
    )
    parser.add_argument("--runs", type=int, metavar="N", help="how often each contender is measured; 7 when absent")
    parser.add_argument(
        "--against", type=Path, metavar="BINARY",
        help="measure the main lines of this build and of another one in turn, and nothing else",
    )
    parser.add_argument("--quick", action="store_true", help="tiny sizes: shows that the benchmarks work, not more")
    options = parser.parse_args()
    if options.runs is not None and options.runs < 1:
        parser.error("--runs must be at least 1")
    for prefix in options.only or []:
        if not any(name.startswith(prefix) for name in NAMES):
            parser.error(f"no line begins with {prefix}: the names are {', '.join(NAMES)}")
    return options


def measure(options: argparse.Namespace, settings: Settings, work: Path) -> int:
    """Measures, prints the table, and writes the document when everything was measured in full."""
    granary = Path(os.environ.get("GRANARY") or REPOSITORY / ".build/release/granary").absolute()
    wanted = [name for name in NAMES if any(name.startswith(prefix) for prefix in options.only or [""])]
    # What an earlier run that was killed has left.
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    free = shutil.disk_usage(work).free
    if free < settings.disk:
        sys.exit(f"bench: {work} has {size_text(free)} of free disk; {size_text(settings.disk)} are needed")
    facts = machine(work, granary, settings)
    print(facts)
    if os.getloadavg()[0] > 0.5:
        print("bench: the machine has other work to do, which these results will show", file=sys.stderr)
    try:
        if options.against:
            lines, failures = run_against(settings, granary, work, options.against.absolute())
        else:
            lines, failures = run_groups(settings, granary, work, wanted)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print("\n" + table(lines))
    for failure in failures:
        print(f"bench: {failure}", file=sys.stderr)
    if failures:
        return 1
    if not options.against and not options.quick and wanted == NAMES and settings.runs >= Settings.runs:
        write_document(REPOSITORY / "docs/BENCHMARKS.md", facts, lines)
        print("written to docs/BENCHMARKS.md")
    return 0


def run_groups(
    settings: Settings, granary: Path, work: Path, wanted: Sequence[str]
) -> tuple[list[Line], list[str]]:
    """Runs each group in a directory of its own; what fails does not keep the rest from being measured."""
    lines: list[Line] = []
    failures: list[str] = []
    for group in GROUPS:
        names = [name for name in group.NAMES if name in wanted]
        if not names:
            continue
        directory = work / group.__name__
        directory.mkdir()
        print(f"{group.__name__}: {', '.join(names)}", flush=True)
        try:
            for step in group.run(Bench(settings, granary, directory), names):
                lines += run_step(step, group.__name__, failures)
        except FAILURES as error:
            failures.append(f"{group.__name__}: {error}")
        shutil.rmtree(directory, ignore_errors=True)
    return lines, failures


def run_against(settings: Settings, granary: Path, work: Path, other: Path) -> tuple[list[Line], list[str]]:
    """Measures two builds of the program side by side."""
    lines: list[Line] = []
    failures: list[str] = []
    for step in against.run(Bench(settings, granary, work), other):
        lines += run_step(step, "against", failures)
    return lines, failures


def run_step(step: Step, group: str, failures: list[str]) -> Sequence[Line]:
    """Makes one measurement; one that fails adds to the failures and gives no lines."""
    try:
        lines = step()
    except FAILURES as error:
        print(f"  failed: {error}", flush=True)
        failures.append(f"{group}: {error}")
        return []
    for line in lines:
        print(f"  {line.what}: {line.ours}; {line.other}; ratio {line.ratio}; {line.reached}", flush=True)
    return lines


if __name__ == "__main__":
    sys.exit(main())
