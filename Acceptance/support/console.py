# SPDX-License-Identifier: Apache-2.0
"""The console blocks of documents: commands, and the output that is shown for them."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass
class Step:
    """One command and the output that the README shows for it."""

    command: str
    output: str


def console_blocks(text: str) -> list[list[Step]]:
    """The steps of every block fenced as ```console; `$ ` begins a command, a final backslash continues it."""
    return [steps_of(block) for block in re.findall(r"^```console\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)]


def steps_of(block: str) -> list[Step]:
    steps: list[Step] = []
    continued = False
    for line in block.splitlines():
        if continued:
            steps[-1].command += "\n" + line.removeprefix("> ")
            continued = line.endswith("\\")
        elif line.startswith("$ "):
            steps.append(Step(line.removeprefix("$ "), ""))
            continued = line.endswith("\\")
        else:
            assert steps, f"a console block is to begin with a command, not with {line!r}"
            steps[-1].output += line + "\n"
    return steps


def matches(shown: str, printed: str) -> bool:
    """Whether the output is the shown one, in which `…` stands for anything."""
    pattern = ".*?".join(re.escape(part) for part in shown.rstrip().split("…"))
    return re.fullmatch(pattern, printed.rstrip(), re.DOTALL) is not None
