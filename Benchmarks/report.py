# SPDX-License-Identifier: Apache-2.0
"""The table for people, on the terminal and in docs/BENCHMARKS.md, with the machine it was measured on."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from measure import Line
from settings import GIB, Settings

BEGIN = "<!-- Written by make bench; edits between these two lines are lost. -->"
END = "<!-- End of what make bench writes. -->"
TITLE = "# Benchmarks\n\n"
EXPLANATION = """\
`make bench` measures the release binary beside other servers, all on loopback, on one machine and in one run. Contenders
are measured in turn; a ratio is the median of the ratios of these pairs, and min–max are the least and the greatest of
them. `wrk` and `curl` share the processors with the servers.
"""


def table(lines: Sequence[Line]) -> str:
    """The lines as a Markdown table, in columns that can also be read as text."""
    rows = [["what", "granary", "other", "ratio", "min–max", "target", "reached"]]
    rows += [[line.what, line.ours, line.other, line.ratio, line.spread, line.target, line.reached] for line in lines]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    rows.insert(1, ["-" * width for width in widths])
    return "".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |\n" for row in rows
    )


def machine(directory: Path, granary: Path, settings: Settings) -> str:
    """Where and with what was measured, as a Markdown list."""
    processor = re.search(r"^model name\s*:\s*(.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    load = os.getloadavg()[0]
    facts = {
        "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "granary": _origin(granary),
        "processor": f"{processor[1] if processor else platform.machine()}, {os.cpu_count()} cores",
        "memory": f"{memory / GIB:.0f} GiB",
        "kernel": f"{platform.system()} {platform.release()}",
        "disk": _first_line("findmnt", "-n", "-o", "SOURCE,FSTYPE,OPTIONS", "-T", str(directory)),
        "others": ", ".join(f"{name} {_package_version(name)}" for name in ("nginx", "docker-registry", "wrk", "curl")),
        "measured": f"{settings.runs} runs of each, {settings.seconds} s each where wrk makes the load; "
        f"load average at the start {load:.1f}",
    }
    return "".join(f"- {name}: {fact}\n" for name, fact in facts.items())


def write_document(document: Path, facts: str, lines: Sequence[Line]) -> None:
    """Replaces the written part of the document and keeps what people wrote around it."""
    part = f"{BEGIN}\n\n{EXPLANATION}\n{facts}\n{table(lines)}\n{END}"
    text = document.read_text() if document.exists() else TITLE + BEGIN + END + "\n"
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"bench: {document} has lost the lines that mark what is written: restore or remove the file")
    document.write_text(before + part + after)


def _origin(granary: Path) -> str:
    """The commit, as far as the binary was built here."""
    if not granary.is_relative_to(Path(__file__).resolve().parent.parent):
        return f"{granary}, built elsewhere"
    return "commit " + _first_line("git", "describe", "--always", "--dirty", "--abbrev=12")


def _package_version(name: str) -> str:
    return _first_line("dpkg-query", "-W", "-f", "${Version}", name)


def _first_line(*command: str) -> str:
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)
    except OSError:
        return "unknown"
    return done.stdout.partition("\n")[0].strip() or "unknown"
