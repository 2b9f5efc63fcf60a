# SPDX-License-Identifier: Apache-2.0
"""Many slow uploads and downloads at once, from one thread: every client moves so many bytes a second and no more."""

from __future__ import annotations

import os
import socket
import ssl
import time
from collections.abc import Sequence

from measure import BenchmarkError
from settings import KIB, MIB

TICK = 0.05
# Bytes per second: as fast as the server takes them; what a slow client does; just enough to be under way.
FAST = 80 * MIB
SLOW = 256 * KIB
TRICKLE = 16 * KIB
BLOCK = memoryview(os.urandom(MIB))
# What a non-blocking socket raises when it would block.
BLOCKED = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class SlowClient:
    """One connection with a request under way, and how fast it may go on."""

    def __init__(self, port: int, head: str, tls: ssl.SSLContext | None) -> None:
        self.rate = SLOW
        self.moved = 0
        self.answer = b""
        self.socket = socket.socket()
        # A slow client is one whose kernel does not take the bytes for it.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * KIB)
        self.socket.connect(("127.0.0.1", port))
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_hostname="localhost")
        self.socket.sendall(head.replace("\n", "\r\n").encode() + b"\r\n")
        self.socket.setblocking(False)

    def move(self) -> None:
        """Moves what the rate allows in one tick."""
        raise NotImplementedError

    def allowance(self) -> int:
        return max(1, int(self.rate * TICK))

    def check(self, status: int) -> None:
        """Fails when the answer has come and has another status."""
        if self.answer and not self.answer.startswith(f"HTTP/1.1 {status}".encode()):
            raise BenchmarkError(f"the answer is not {status} but {self.answer[:200]!r}")


class SlowDownload(SlowClient):
    """Reads the content and drops it."""

    def __init__(self, port: int, path: str, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(port, f"GET {path} HTTP/1.1\nHost: 127.0.0.1\n", tls)

    def move(self) -> None:
        try:
            received = self.socket.recv(self.allowance())
        except BLOCKED:
            return
        if not received:
            raise BenchmarkError(f"the server ended a download after {self.moved} bytes")
        self.answer = self.answer or received[:200]
        self.moved += len(received)


class SlowUpload(SlowClient):
    """Sends the same random megabyte again and again until the announced size is reached."""

    def __init__(self, port: int, path: str, token: str, size: int, tls: ssl.SSLContext | None = None) -> None:
        self.size = size
        # What TLS did not take must be given once more as it was.
        self.offered = BLOCK[:0]
        super().__init__(
            port,
            f"PUT {path} HTTP/1.1\nHost: 127.0.0.1\nAuthorization: token {token}\nContent-Length: {size}\n",
            tls,
        )

    def move(self) -> None:
        self._read()
        end = min(self.size, self.moved + self.allowance())
        while self.moved < end:
            start = self.moved % MIB
            self.offered = self.offered or BLOCK[start : start + end - self.moved]
            try:
                self.moved += self.socket.send(self.offered)
            except BLOCKED:
                return
            self.offered = BLOCK[:0]

    def _read(self) -> None:
        try:
            received = self.socket.recv(4 * KIB)
        except BLOCKED:
            return
        if not received:
            raise BenchmarkError(f"the server ended an upload after {self.moved} bytes: {self.answer[:200]!r}")
        self.answer += received


def move_for(seconds: float, clients: Sequence[SlowClient]) -> None:
    """Lets all clients go on for so long, each at its rate."""
    deadline = time.monotonic() + seconds
    while (now := time.monotonic()) < deadline:
        for client in clients:
            client.move()
        time.sleep(max(0.0, now + TICK - time.monotonic()))
