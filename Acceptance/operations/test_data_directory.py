# SPDX-License-Identifier: Apache-2.0
"""The start tries what the data directory must be able to do, and says in one sentence what it cannot."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest


def failed_start(binary: Path, data: Path | bytes, *wrapper: str, **environment: str | bytes) -> str:
    """What a start says that is to fail, on one line."""
    done = subprocess.run(
        [*wrapper, str(binary), "serve", "--data", data, "--listen", "127.0.0.1:0"],
        env={"PATH": os.environ["PATH"], **environment}, capture_output=True, timeout=60,
    )
    said = done.stderr.decode()
    assert done.returncode in (1, 64) and len(said.splitlines()) == 1, said
    return said


@pytest.mark.parametrize("is_there", [False, True])
@pytest.mark.parametrize(
    ("call", "words"),
    [
        ("?link,?linkat", "cannot create a hard link"),
        ("?mknod,?mknodat", "cannot create a socket, which administrators' commands need"),
        ("fsync", "sync"),
        ("flock", "cannot lock"),
        ("fcntl", "cannot lock a file, which the database needs"),
    ],
)
def test_what_the_file_system_cannot_do_stops_the_start(
    binary: Path, tmp_path: Path, call: str, words: str, is_there: bool
) -> None:
    data = tmp_path / "data"
    if is_there:
        data.mkdir()
    said = failed_start(
        binary, data, "strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:error=EPERM"
    )
    assert words in said and "operation not permitted" in said and str(data) in said, said
    assert said.count("; ") == 1, "it says what to do"
    assert [path.name for path in data.iterdir() if path.name != "granary.lock"] == []


def test_paths_that_are_not_utf8_are_refused_as_they_are(binary: Path, tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/d\xff"
    assert "argument 3" in failed_start(binary, path) and "is not UTF-8" in failed_start(binary, path)
    assert "the variable GRANARY_DATA is not UTF-8" in failed_start(binary, tmp_path / "data", GRANARY_DATA=path)
    assert list(tmp_path.iterdir()) == []
