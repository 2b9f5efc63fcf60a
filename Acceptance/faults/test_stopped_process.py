# SPDX-License-Identifier: Apache-2.0
"""A process that stands still for two seconds loses nothing, and blames no client for its own silence."""

from __future__ import annotations

import filecmp
import os
import random
import resource
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from curl import AS_ADMIN
from granary_server import GranaryServer
from http2_client import http2
from raw_http import RawConnection, SecureConnection, head
from sizes import MEBIBYTE
from tls_server import TLSServer
from waiting import clean_environment, wait_until

SIZE = 8 * MEBIBYTE
STANDSTILL = 2
# Not longer than the process stands still.
PATIENCE = ["--timeouts-idle", "2s", "--timeouts-stalled-reader", "2s", "--timeouts-upload-window", "2s",
            "--limits-upload-rate", "200KiB", "--contract", "current"]
TRANSPORTS = ["plain", "TLS", "HTTP/2"]


@pytest.fixture
def servers(binary: Path, tmp_path: Path) -> Iterator[dict[str, GranaryServer]]:
    """A server for each transport."""
    plain = GranaryServer(binary, tmp_path / "data", tmp_path / "logs", PATIENCE)
    secure = TLSServer(binary, tmp_path / "tls")
    secure.options += PATIENCE
    for server in (plain, secure):
        server.start()
    yield {"plain": plain, "TLS": secure, "HTTP/2": secure}
    for server in (plain, secure):
        server.kill()


def curl(server: GranaryServer, transport: str, *arguments: str | Path) -> subprocess.Popen[str]:
    """Begins a transfer of some four seconds."""
    version = "--http2" if transport == "HTTP/2" else "--http1.1"
    trust = ["--cacert", server.certificate] if isinstance(server, TLSServer) else []
    command = ["curl", "-q", "-sS", version, *trust, "--limit-rate", "2M", *AS_ADMIN,
               "-w", "%{http_code}", *arguments]
    return subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            env=clean_environment(), text=True)


def stand_still(servers: list[GranaryServer]) -> None:
    for server in servers:
        server.process.send_signal(signal.SIGSTOP)
    time.sleep(STANDSTILL)
    for server in servers:
        server.process.send_signal(signal.SIGCONT)


def test_transfers_survive_a_process_that_stands_still(servers: dict[str, GranaryServer], tmp_path: Path) -> None:
    content = tmp_path / "content"
    content.write_bytes(random.Random("still").randbytes(SIZE))
    for server in set(servers.values()):
        with open(content, "rb") as body:
            url = server.file_url("admin", "tool", "1.0.0", "there")
            assert server.http("admin").put(url, data=body, timeout=30).status_code == 201
    transfers, targets = [], []
    for number in range(12):
        transport = TRANSPORTS[number % 3]
        server = servers[transport]
        if number < 6:
            target = tmp_path / f"downloaded-{number}"
            targets.append(target)
            url = server.file_url("admin", "tool", "1.0.0", "there")
            transfers.append((f"GET over {transport}", "200", curl(server, transport, "-o", target, url)))
        else:
            url = server.file_url("admin", "tool", "1.0.0", f"new-{number}")
            transfers.append((f"PUT over {transport}", "201", curl(server, transport, "-o", "/dev/null", "-T", content, url)))
    running = list(set(servers.values()))
    wait_until(lambda: all(target.exists() and target.stat().st_size for target in targets), "downloads have begun")
    wait_until(lambda: all(server.staged_files() for server in running), "uploads have begun")
    for _ in range(2):
        stand_still(running)
        time.sleep(0.3)
    for what, status, process in transfers:
        assert process.communicate(timeout=60)[0] == status, what
    for target in targets:
        assert filecmp.cmp(content, target, shallow=False), "other bytes came down"
    for number in range(6, 12):
        server = servers[TRANSPORTS[number % 3]]
        url = server.file_url("admin", "tool", "1.0.0", f"new-{number}")
        assert server.http().get(url).content == content.read_bytes(), "other bytes went up"


def test_a_request_that_came_meanwhile_is_answered(servers: dict[str, GranaryServer]) -> None:
    """More connections than one round of a loop handles."""
    count = 300 * (os.cpu_count() or 1)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, count + 200)), hard))
    running = list(set(servers.values()))
    with ExitStack() as stack:
        connections = [stack.enter_context(SecureConnection(servers["TLS"].url)) for _ in range(20)]
        in_frames = [stack.enter_context(http2(servers["HTTP/2"].url)) for _ in range(20)]
        connections += [stack.enter_context(RawConnection(servers["plain"].url)) for _ in range(count)]
        for connection in connections:
            connection.send(head("GET", "/healthz"))
        for connection in connections:
            assert connection.receive().status == 200
        for client in in_frames:
            assert client.status(client.request("GET", "/healthz")) == 200
        for server in running:
            server.process.send_signal(signal.SIGSTOP)
        for connection in connections:
            connection.send(head("GET", "/healthz"))
        streams = [client.request("GET", "/healthz") for client in in_frames]
        time.sleep(STANDSTILL)
        for server in running:
            server.process.send_signal(signal.SIGCONT)
        for connection in connections:
            assert connection.receive().status == 200
        for client, stream in zip(in_frames, streams):
            assert client.status(stream) == 200
