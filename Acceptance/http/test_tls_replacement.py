# SPDX-License-Identifier: Apache-2.0
"""Certificates that are replaced while clients come all the time."""

from __future__ import annotations

import os
import ssl
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests

from granary_server import ADMIN_PASSWORD
from hashing import sha256
from raw_http import SecureConnection, head
from tls_server import TLSServer, make_certificate, replace, secure as server
from waiting import wait_until

HANDSHAKES = 1000
CERTIFICATES = 4


def digest(certificate: Path) -> str:
    """What tells a certificate from others."""
    return sha256(ssl.PEM_cert_to_DER_cert(certificate.read_text()))


def test_a_fifo_in_the_place_of_the_certificate_holds_nothing_up(server: TLSServer) -> None:
    server.certificate.rename(server.certificate.with_suffix(".old"))
    os.mkfifo(server.certificate)
    wait_until(lambda: "it is not a regular file" in server.stderr(), "the file is looked at")
    trusted = str(server.certificate.with_suffix(".old"))
    for version in ("1.0.0", "2.0.0"):
        url = f"{server.url}/api/packages/admin/generic/tool/{version}/tool.bin"
        answer = requests.put(url, data=b"content", auth=("admin", ADMIN_PASSWORD), verify=trusted, timeout=20)
        assert answer.status_code == 201
    time.sleep(3)
    # It is told once, not every second.
    assert server.stderr().count("it is not a regular file") == 1
    assert server.stop() == 0


def test_no_handshake_of_a_thousand_fails_while_the_certificate_is_replaced(server: TLSServer, tmp_path: Path) -> None:
    pairs = [make_certificate(tmp_path, f"number-{number}") for number in range(CERTIFICATES)]
    order = [digest(server.certificate), *(digest(certificate) for certificate, _ in pairs)]
    shown: list[str] = []
    enough = threading.Event()

    def ask() -> None:
        while not enough.is_set():
            # Every request opens a new connection without a session to resume.
            with SecureConnection(server.url) as connection:
                connection.send(head("GET", "/healthz"))
                assert connection.receive().status == 200
                shown.append(sha256(connection.socket.getpeercert(binary_form=True)))

    def handshakes(count: int) -> bool:
        return len(shown) >= count or any(client.done() for client in clients)

    with ThreadPoolExecutor(4) as pool:
        clients = [pool.submit(ask) for _ in range(4)]
        try:
            for number, (certificate, key) in enumerate(pairs):
                wait_until(lambda: handshakes(HANDSHAKES * number // CERTIFICATES), "handshakes go on", seconds=60)
                # Between the two steps the files do not belong together.
                replace(server.key, key.read_bytes())
                replace(server.certificate, certificate.read_bytes())
                wait_until(lambda: order[number + 1] in shown or handshakes(1 << 30), "the new one is shown")
            wait_until(lambda: handshakes(HANDSHAKES), "a thousand handshakes", seconds=60)
        finally:
            enough.set()
    for client in clients:
        client.result()
    assert len(shown) >= HANDSHAKES
    assert set(shown) == set(order)
    assert server.presented() == pairs[-1][0].read_text()
