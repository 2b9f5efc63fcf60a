# SPDX-License-Identifier: Apache-2.0
"""A TCP proxy that delays every byte by a fixed time in each direction, and does not limit the rate."""

from __future__ import annotations

import selectors
import socket
import time
from collections import deque

from tcp_proxy import ForwardingProxy

PIECE = 256 * 1024
# What may be on its way in one direction, as on a long line.
IN_FLIGHT = 64 << 20


class Direction:
    """Bytes from one socket to another, each due at its time."""

    def __init__(self, source: socket.socket, target: socket.socket, seconds: float) -> None:
        self.source, self.target, self.seconds = source, target, seconds
        self.waiting: deque[tuple[float, memoryview]] = deque()
        self.size = 0
        self.has_ended = False
        self.is_done = False

    def receive(self) -> None:
        if self.has_ended or self.size >= IN_FLIGHT:
            return
        try:
            piece = self.source.recv(PIECE)
        except BlockingIOError:
            return
        self.has_ended = not piece
        self.waiting.append((time.monotonic() + self.seconds, memoryview(piece)))
        self.size += len(piece)

    def send(self) -> float:
        """Sends what is due, and returns in how many seconds the next piece is."""
        while self.waiting:
            due, piece = self.waiting[0]
            if (rest := due - time.monotonic()) > 0:
                return rest
            if not piece:
                self.target.shutdown(socket.SHUT_WR)
                self.waiting.popleft()
                self.is_done = True
                continue
            try:
                sent = self.target.send(piece)
            except BlockingIOError:
                return 0.001
            self.size -= sent
            self.waiting.popleft()
            if sent < len(piece):
                self.waiting.appendleft((due, piece[sent:]))
        return 0.05


class DelayingProxy(ForwardingProxy):
    """Forwards connections to a port of loopback; `milliseconds` is the round trip that it adds."""

    def __init__(self, port: int, milliseconds: float) -> None:
        super().__init__(("127.0.0.1", port))
        self.seconds = milliseconds / 2000

    def _copy(self, client: socket.socket, server: socket.socket) -> None:
        for end in (client, server):
            end.setblocking(False)
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        directions = [Direction(client, server, self.seconds), Direction(server, client, self.seconds)]
        with selectors.DefaultSelector() as selector:
            for direction in directions:
                selector.register(direction.source, selectors.EVENT_READ, direction)
            wait = 0.05
            while not self.closing.is_set() and not all(direction.is_done for direction in directions):
                for key, _ in selector.select(wait):
                    key.data.receive()
                    if key.data.has_ended:
                        selector.unregister(key.fileobj)
                wait = min(direction.send() for direction in directions)
