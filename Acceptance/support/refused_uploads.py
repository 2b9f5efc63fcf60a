# SPDX-License-Identifier: Apache-2.0
"""Uploads that a server refuses, as curl sends them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from waiting import clean_environment

MEBIBYTE = 1 << 20


@pytest.fixture
def huge(tmp_path: Path) -> Path:
    """A file of 100 MiB that takes no room."""
    path = tmp_path / "huge.bin"
    with open(path, "wb") as file:
        file.truncate(100 * MEBIBYTE)
    return path


def refused_upload(url: str, source: Path, expects: bool, *options: str) -> tuple[int, str, int]:
    """Lets curl upload a file: curl's exit status, the HTTP status it saw, and the bytes it handed to its kernel."""
    done = subprocess.run(
        ["curl", "-q", "-sS", "--max-time", "60", "-o", "/dev/null", "-w", "%{http_code} %{size_upload}",
         *([] if expects else ["-H", "Expect:"]), *options, "-T", str(source), url],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, env=clean_environment(), timeout=90,
    )
    status, _, uploaded = done.stdout.partition(" ")
    return done.returncode, status, int(uploaded or 0)
