# SPDX-License-Identifier: Apache-2.0
"""Programs that run to their end."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path

from raw_http import CREDENTIALS
from waiting import clean_environment

#: The administrator's credentials in a request of `exchange_lines`, in which spaces part words and %20 stands for one.
SIGNED_IN = "Authorization=" + CREDENTIALS["Authorization"].replace(" ", "%20")


def run(*command: str | Path, seconds: int = 180) -> subprocess.CompletedProcess[str]:
    """Runs a client that must succeed."""
    done = subprocess.run(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=clean_environment(),
        timeout=seconds,
    )
    assert done.returncode == 0, f"{command[0]}: {done.returncode}\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
    return done


def serve(binary: Path, *arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs `granary serve` that is to end by itself."""
    return subprocess.run(
        [str(binary), "serve", *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=clean_environment(**environment),
        timeout=30,
    )


def exchange_lines(command: Sequence[str | Path], requests: Sequence[str], **environment: str) -> list[list[str]]:
    """Runs a client that reads a request per line and prints an answer per line; all requests must be answered."""
    done = subprocess.run(
        [str(part) for part in command], input="\n".join(requests) + "\n", capture_output=True, text=True,
        env=clean_environment(**environment), timeout=60,
    )
    lines = done.stdout.splitlines()
    assert done.returncode == 0 and len(lines) == len(requests), done.stdout + done.stderr
    for line, request in zip(lines, requests):
        assert not line.startswith("failed"), f"{request}: {line}"
    return [line.split(" ") for line in lines]


def free_port() -> int:
    """A port of loopback on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]
