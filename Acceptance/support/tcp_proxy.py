# SPDX-License-Identifier: Apache-2.0
"""TCP proxies: one that forwards, and one that can slow connections down and cut one of them."""

from __future__ import annotations

import select
import socket
import struct
import threading
import time
from typing import Self
from urllib.parse import urlsplit


class ForwardingProxy:
    """Forwards connections to a server, each on a thread; a subclass says how bytes are copied."""

    def __init__(self, target: tuple[str, int]) -> None:
        self.target = target
        self.closing = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(0.2)
        self.port = self.listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.threads = [threading.Thread(target=self._accept, daemon=True)]

    def __enter__(self) -> Self:
        self.threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        for thread in self.threads:
            thread.join(timeout=10)
        self.listener.close()

    def _accept(self) -> None:
        while not self.closing.is_set():
            try:
                client, _ = self.listener.accept()
            except TimeoutError:
                continue
            thread = threading.Thread(target=self._forward, args=(client,), daemon=True)
            self.threads.append(thread)
            thread.start()

    def _forward(self, client: socket.socket) -> None:
        with client:
            try:
                with socket.create_connection(self.target, timeout=10) as server:
                    self._copy(client, server)
            except OSError:
                return

    def _copy(self, client: socket.socket, server: socket.socket) -> None:
        raise NotImplementedError


class CuttingProxy(ForwardingProxy):
    """Resets the first connection over which more than `cut_after` bytes went one way."""

    def __init__(self, url: str, cut_after: int | None = None, bytes_per_second: int | None = None) -> None:
        parts = urlsplit(url)
        super().__init__((parts.hostname, parts.port))
        self.cut_after = cut_after
        self.bytes_per_second = bytes_per_second
        self.cuts = 0
        self.request_bytes = bytearray()
        self.lock = threading.Lock()

    def _copy(self, client: socket.socket, server: socket.socket) -> None:
        passed = {client: 0, server: 0}
        other = {client: server, server: client}
        while not self.closing.is_set() and other:
            for source in select.select(list(other), [], [], 0.2)[0]:
                data = source.recv(32_768)
                if not data:
                    other.pop(source).shutdown(socket.SHUT_WR)
                    continue
                self._remember(source is client, data)
                other[source].sendall(data)
                passed[source] += len(data)
                if self.bytes_per_second:
                    time.sleep(len(data) / self.bytes_per_second)
                if self._is_to_be_cut(passed[source]):
                    for end in (client, server):
                        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    return

    def _remember(self, from_client: bool, data: bytes) -> None:
        if from_client:
            with self.lock:
                self.request_bytes += data

    def _is_to_be_cut(self, passed: int) -> bool:
        with self.lock:
            if self.cut_after is None or self.cuts or passed <= self.cut_after:
                return False
            self.cuts += 1
            return True
