# SPDX-License-Identifier: Apache-2.0
"""How many connections are served at the same time."""

from __future__ import annotations

import socket

from raw_http import RawConnection, head
from server_fixtures import ServerFactory


def test_connections_above_the_limit_wait_for_their_turn(make_server: ServerFactory) -> None:
    server = make_server(options=["--limits-connections", "3"]).start()
    served = []
    for _ in range(3):
        connection = RawConnection(server.url)
        connection.send(head("GET", "/healthz", {}))
        assert connection.receive("GET").status == 200
        served.append(connection)
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as waiting:
        waiting.sendall(head("GET", "/healthz", {}))
        waiting.settimeout(1)
        try:
            answer = waiting.recv(1)
        except TimeoutError:
            answer = None
        assert answer is None, "a fourth connection was served"
        served[0].socket.close()
        waiting.settimeout(30)
        assert waiting.recv(12) == b"HTTP/1.1 200", "the waiting connection never had its turn"
    for connection in served[1:]:
        connection.socket.close()
    assert server.stderr().count("connection limit reached: 3 connections are open") == 1
