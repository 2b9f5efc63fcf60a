# SPDX-License-Identifier: Apache-2.0
"""curl as people call it, with its answer taken apart."""

from __future__ import annotations

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from granary_server import ADMIN_PASSWORD
from waiting import clean_environment

#: The options that sign curl in as the administrator.
AS_ADMIN = ("-u", f"admin:{ADMIN_PASSWORD}")


@dataclass
class CurlAnswer:
    """The last answer that curl got."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")


def curl(
    *arguments: str | Path, stdin: Path | None = None, output: Path | None = None, seconds: int = 120
) -> CurlAnswer:
    """Runs curl with the arguments; fails when curl itself fails (a status of 400 is no failure)."""
    with tempfile.TemporaryDirectory() as folder:
        body, headers = output or Path(folder, "body"), Path(folder, "headers")
        command = ["curl", "-q", "-sS", "--max-time", str(seconds), "-o", body, "-D", headers, *arguments]
        with open(stdin or "/dev/null", "rb") as source:
            done = subprocess.run(
                [str(part) for part in command],
                stdin=source,
                capture_output=True,
                text=True,
                env=clean_environment(),
                timeout=seconds + 30,
            )
        assert done.returncode == 0, f"{' '.join(map(str, command))}: {done.returncode}\n{done.stderr}"
        return parse(headers.read_text(), body.read_bytes() if body.exists() else b"")


def parse(header_text: str, body: bytes) -> CurlAnswer:
    """Takes the last header block; interim answers come before it."""
    block = header_text.replace("\r\n", "\n").strip("\n").split("\n\n")[-1].split("\n")
    headers = {}
    for line in block[1:]:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    return CurlAnswer(int(block[0].split(" ")[1]), headers, body)
