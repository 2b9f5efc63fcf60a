# SPDX-License-Identifier: Apache-2.0
"""A sync that fails is final: nothing is acknowledged, nothing is tried again on the same bytes, and a restart decides."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from granary_server import GranaryServer
from server_fixtures import ServerFactory
from tracing import is_traced, pid_of
from waiting import wait_until


@contextmanager
def failing(server: GranaryServer, call: str) -> Iterator[None]:
    """Every such system call of the server fails with an input/output error."""
    tracer = subprocess.Popen(
        ["strace", "-f", "-qq", "-o", "/dev/null", "-p", str(pid_of(server)), "-e", f"trace={call}",
         "-e", f"inject={call}:error=EIO"],
        stderr=subprocess.PIPE,
    )
    try:
        wait_until(lambda: is_traced(server, tracer), "the server's system calls are intercepted")
        yield
    finally:
        tracer.terminate()
        tracer.wait(timeout=30)


def publish(server: GranaryServer, version: str) -> tuple[int, str]:
    answer = server.http("admin").put(server.file_url("admin", "tool", version, "tool.bin"), data=version.encode())
    return answer.status_code, answer.text


def test_a_failed_sync_of_content_is_a_refusal(make_server: ServerFactory) -> None:
    server = make_server().start()
    with failing(server, "fsync"):
        status, text = publish(server, "1.0.0")
        assert status == 503 and len(text.split()) > 4, (status, text)
    assert server.http("admin").get(server.file_url("admin", "tool", "1.0.0", "tool.bin")).status_code == 404
    wait_until(lambda: not server.staged_files() and not server.blob_files(), "the bytes are dropped")
    assert publish(server, "1.0.0")[0] == 201


def test_after_a_failed_sync_of_the_database_nothing_is_written_until_a_restart(make_server: ServerFactory) -> None:
    server = make_server().start()
    assert publish(server, "1.0.0")[0] == 201
    with failing(server, "fdatasync"):
        status, text = publish(server, "2.0.0")
        assert status == 503 and len(text.split()) > 4, (status, text)
    # The disk works again, but what it holds is unknown until the database has been recovered.
    assert publish(server, "3.0.0")[0] == 503
    assert server.http("admin").get(f"{server.url}/readyz").status_code == 503
    assert server.http().get(server.file_url("admin", "tool", "1.0.0", "tool.bin")).content == b"1.0.0"
    server.stop()
    server.start()
    # Nobody was told that 2.0.0 is published, so both outcomes are right; half of one is not.
    left = server.http().get(server.file_url("admin", "tool", "2.0.0", "tool.bin"))
    assert (left.status_code, left.content) == (200, b"2.0.0") or left.status_code == 404
    assert publish(server, "3.0.0")[0] == 201
    assert not server.staged_files()
    server.admin("gc")
    assert len(server.blob_files()) == (3 if left.status_code == 200 else 2)
