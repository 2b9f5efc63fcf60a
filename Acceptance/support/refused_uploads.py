# SPDX-License-Identifier: Apache-2.0
"""Uploads that a server refuses, as curl sends them, and a proxy that counts how much of them the server takes."""

from __future__ import annotations

import socket
import subprocess
import threading
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from raw_http import unsent
from sizes import MEBIBYTE
from tcp_proxy import ForwardingProxy
from waiting import clean_environment


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


class CountingProxy(ForwardingProxy):
    """Notes how many bytes of each connection the server took; holds little itself."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        super().__init__((parts.hostname, parts.port))
        self.taken: list[int] = []

    def _forward(self, client: socket.socket) -> None:
        with client, socket.socket() as server:
            server.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16 * 1024)
            server.connect(self.target)
            server.settimeout(20)
            downwards = threading.Thread(target=self._copy_one_way, args=(server, client), daemon=True)
            downwards.start()
            sent = self._copy_one_way(client, server)
            downwards.join(timeout=20)
            self.taken.append(sent)

    def _copy_one_way(self, source: socket.socket, sink: socket.socket) -> int:
        """Copies until an end and tells how many bytes the other side's kernel took."""
        sent = taken = 0
        try:
            while data := source.recv(8 * 1024):
                sink.sendall(data)
                sent += len(data)
                taken = sent - unsent(sink)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            with suppress(OSError):
                source.shutdown(socket.SHUT_RD)
        return taken
