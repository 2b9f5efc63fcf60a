# SPDX-License-Identifier: Apache-2.0
"""Servers that strace follows."""

from __future__ import annotations

import subprocess
from pathlib import Path

from granary_server import GranaryServer


def is_traced(server: GranaryServer, tracer: subprocess.Popen[bytes]) -> bool:
    assert tracer.poll() is None, tracer.stderr.read().decode() if tracer.stderr else "strace ended"
    statuses = list(Path(f"/proc/{pid_of(server)}/task").glob("*/status"))
    return all(f"TracerPid:\t{tracer.pid}" in status.read_text() for status in statuses)


def pid_of(server: GranaryServer) -> int:
    assert server.process is not None
    return server.process.pid
