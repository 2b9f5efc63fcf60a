# SPDX-License-Identifier: Apache-2.0
"""Programs that run to their end."""

from __future__ import annotations

import subprocess
from pathlib import Path

from waiting import clean_environment


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
