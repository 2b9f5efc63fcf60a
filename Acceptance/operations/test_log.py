# SPDX-License-Identifier: Apache-2.0
"""What the log says: one line per request, and at level debug why each connection ended; docs/LOGGING.md has every key."""

from __future__ import annotations

import re
import socket

from granary_server import TARGET, GranaryServer
from paths import REPOSITORY
from raw_http import CREDENTIALS, RawConnection, head
from server_fixtures import ServerFactory
from sizes import MEBIBYTE
from waiting import wait_until

LINE = re.compile(r"^(?P<time>\S+) (?P<level>\w+) granary: (?P<fields>.*)\[(?P<module>\w+)\] (?P<message>.*)$")
KEYS = ["bytes", "client", "method", "ms", "outcome", "path", "request_id", "status"]


def lines(server: GranaryServer, message: str) -> list[dict[str, str]]:
    """The fields of all lines with a message."""
    found = []
    for line in server.stderr().splitlines():
        if (parts := LINE.match(line)) and parts["message"] == message:
            # A value may have spaces; what follows it is the next key.
            fields = re.split(r" (?=\w+=)", parts["fields"].strip())
            found.append(dict(field.split("=", 1) for field in fields))
    return found


def test_each_request_has_one_line(server: GranaryServer) -> None:
    admin = server.http("admin")
    assert admin.put(server.url + TARGET, data=b"content").status_code == 201
    answer = admin.get(server.url + TARGET + "?secret=unmistakable")
    assert admin.get(server.url + TARGET.replace("1.0.0", "9.0.0")).status_code == 404
    wait_until(lambda: len([line for line in lines(server, "request") if line["path"] != "/readyz"]) == 3, "three lines")
    put, get, absent = [line for line in lines(server, "request") if line["path"] != "/readyz"]
    for line in (put, get, absent):
        assert list(line) == KEYS and line["outcome"] == "complete" and line["client"] == "127.0.0.1"
    assert (put["method"], put["status"], put["bytes"]) == ("PUT", "201", "0")
    assert (get["method"], get["status"], get["bytes"], get["path"]) == ("GET", "200", "7", TARGET)
    assert get["request_id"] == answer.headers["X-Request-Id"]
    assert absent["status"] == "404" and "unmistakable" not in server.stderr()


def test_a_response_that_is_cut_off_says_so(server: GranaryServer) -> None:
    assert server.http("admin").put(server.url + TARGET, data=bytes(64 * MEBIBYTE)).status_code == 201
    with socket.create_connection(("127.0.0.1", server.port)) as client:
        client.sendall(head("GET", TARGET))
        assert client.recv(1000).startswith(b"HTTP/1.1 200")
        # The response is larger than all buffers, and nobody reads on.
        assert not [line for line in lines(server, "request") if line["method"] == "GET" and line["path"] == TARGET]
    wait_until(lambda: any(line["outcome"] == "broken off" for line in lines(server, "request")),
               "the line of a response that was cut off")


def test_why_a_connection_ended_is_logged_for_debugging(make_server: ServerFactory) -> None:
    options = ["--log-level", "debug", "--timeouts-idle", "1s", "--timeouts-upload-window", "1s"]
    server = make_server(options=options).start()

    def causes() -> set[str]:
        return {line["cause"] for line in lines(server, "connection ended")}

    with RawConnection(server.url) as idle:
        assert idle.ends_within(15)
    with RawConnection(server.url) as refused:
        refused.send(head("PUT", TARGET, {"Content-Length": str(100 * MEBIBYTE)}))
        assert refused.receive("PUT").status == 401
    with RawConnection(server.url) as slow:
        slow.send(head("PUT", TARGET, CREDENTIALS | {"Content-Length": "100000"}) + b"x")
        assert slow.receive("PUT").status == 408
    wait_until(lambda: len(causes()) >= 3, f"three causes of {causes()}")
    quiet = make_server(options=["--timeouts-idle", "1s"]).start()
    with RawConnection(quiet.url) as idle:
        assert idle.ends_within(15)
    assert lines(quiet, "connection ended") == []


def test_the_document_has_every_key() -> None:
    source = (REPOSITORY / "Sources/Registry/RegistryCore/LogKey.swift").read_text()
    keys = set(re.findall(r'static let \w+ = "(\w+)"', source))
    rows = (REPOSITORY / "docs/LOGGING.md").read_text().partition("| key | meaning |")[2]
    documented = {key for row in rows.splitlines() if row.startswith("|") for key in re.findall(r"`(\w+)`", row.split("|")[1])}
    assert documented == keys
