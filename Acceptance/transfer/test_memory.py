# SPDX-License-Identifier: Apache-2.0
"""Memory does not depend on how much is on its way: many large transfers at once stay below a bound."""

from __future__ import annotations

import socket
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from curl import AS_ADMIN
from granary_server import GranaryServer
from programs import run
from raw_http import CREDENTIALS, head
from sizes import GIBIBYTE, KIBIBYTE, MEBIBYTE

UPLOADS, UPLOAD_SIZE, UPLOADED = 64, 256 * MEBIBYTE, 20 * MEBIBYTE
DOWNLOADS = 256
BOUND = 150 * MEBIBYTE
# Every client waits this long between two parts, of up to so many bytes.
PAUSE, PART = 0.05, 128 * KIBIBYTE


class Client:
    """One slow transfer on a socket that does not block."""

    def __init__(self, server: GranaryServer, request: bytes, is_upload: bool) -> None:
        parts = urlsplit(server.url)
        self.socket = socket.socket()
        if not is_upload:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * KIBIBYTE)
        self.socket.connect((parts.hostname, parts.port))
        self.socket.sendall(request)
        self.socket.setblocking(False)
        self.is_upload = is_upload
        self.moved = 0
        self.next_turn = 0.0

    def take_turn(self, part: bytes, now: float) -> None:
        """Moves a part, if it may and the pause is over."""
        if now < self.next_turn:
            return
        self.next_turn = now + PAUSE
        try:
            if not self.is_upload:
                received = len(self.socket.recv(16 * KIBIBYTE))
                assert received, "the server ended a download"
                self.moved += received
            elif self.moved < UPLOADED:
                self.moved += self.socket.send(part)
        except BlockingIOError:
            pass


def requests_(server: GranaryServer) -> list[tuple[bytes, bool]]:
    """The heads of all transfers; every other download has a range, which the table of hot files does not answer."""
    disk = server.file_url("admin", "disk", "1.0.0", "disk.img").removeprefix(server.url)
    heads = [(head("GET", disk, {"Range": "bytes=1-"} if number % 2 else {}), False) for number in range(DOWNLOADS)]
    for number in range(UPLOADS):
        target = server.file_url("admin", "upload", f"1.0.{number}", "upload.bin").removeprefix(server.url)
        heads.append((head("PUT", target, CREDENTIALS | {"Content-Length": str(UPLOAD_SIZE)}), True))
    return heads


@pytest.mark.timeout(120)
def test_64_uploads_and_256_downloads_stay_below_150_mebibytes(server: GranaryServer, tmp_path: Path) -> None:
    publish_a_gibibyte(server, tmp_path)
    clients = [Client(server, request, is_upload) for request, is_upload in requests_(server)]
    part = bytes(PART)
    samples: list[int] = []
    deadline = time.monotonic() + 40
    try:
        while time.monotonic() < deadline:
            now = time.monotonic()
            for client in clients:
                client.take_turn(part, now)
            samples.append(server.memory())
            assert samples[-1] <= BOUND, f"{samples[-1] / MEBIBYTE:.0f} MiB are resident"
            if all(client.moved >= (UPLOADED if client.is_upload else MEBIBYTE) for client in clients):
                break
            time.sleep(0.005)
        uploaded = [client.moved for client in clients if client.is_upload]
        downloaded = [client.moved for client in clients if not client.is_upload]
        assert min(uploaded) >= UPLOADED // 4, f"an upload came to {min(uploaded)} bytes only"
        assert min(downloaded) >= MEBIBYTE // 4, f"a download came to {min(downloaded)} bytes only"
        print(f"at most {max(samples) / MEBIBYTE:.0f} MiB resident, in {len(samples)} samples")
    finally:
        for client in clients:
            client.socket.close()
    assert server.is_ready()


def publish_a_gibibyte(server: GranaryServer, folder: Path) -> None:
    path = folder / "disk.img"
    with open(path, "wb") as file:
        file.truncate(GIBIBYTE)
    url = server.file_url("admin", "disk", "1.0.0", "disk.img")
    run("curl", "-q", "-sS", "--fail", *AS_ADMIN, "-T", path, url)
    # The next one comes from the table of hot files.
    run("curl", "-q", "-sS", "--fail", "-o", "/dev/null", url)
