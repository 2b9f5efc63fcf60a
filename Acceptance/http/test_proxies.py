# SPDX-License-Identifier: Apache-2.0
"""Proxies in front: who may say for whom a request is made, and what follows from it."""

from __future__ import annotations

import re
import socket
import ssl
import struct
from pathlib import Path

import pytest

from curl import curl
from granary_server import ADMIN_PASSWORD, GranaryServer
from programs import serve
from raw_http import RawConnection, head
from server_fixtures import ServerFactory
from tls_server import TLSServer
from waiting import wait_until

CLIENT, OTHER = "192.0.2.7", "198.51.100.9"


@pytest.fixture
def behind(make_server: ServerFactory) -> GranaryServer:
    """A server that believes proxies on 127.0.0.1."""
    return make_server(options=["--proxies", "10.0.0.0/8,127.0.0.1"]).start()


def logged_client(server: GranaryServer, path: str) -> str | None:
    """The client that the log names for the request of a path; None when it names none."""
    def line() -> re.Match[str] | None:
        # Lines are whole when the next one begins.
        return re.search(rf".* path={re.escape(path)} .*\n", server.stderr())

    wait_until(line, f"the log has a line for {path}\n{server.log_tail()}")
    found = line()
    client = re.search(r" client=(\S+)", found.group(0)) if found else None
    return client.group(1) if client else None


def ask(server: GranaryServer, path: str, **headers: str) -> str | None:
    """Asks for something that is not there, and returns the client that the log names."""
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    assert server.http().get(server.url + path, headers=fields, timeout=30).status_code == 404
    return logged_client(server, path)


HEADERS = [
    ({"X_Forwarded_For": CLIENT}, CLIENT),
    ({"X_Forwarded_For": f"1.1.1.1, {CLIENT}, 10.9.9.9", "X_Forwarded_Proto": "https"}, CLIENT),
    ({"X_Forwarded_For": "2001:db8::9"}, "2001:db8::9"),
    ({"Forwarded": f"for={CLIENT};proto=https;by=10.0.0.1"}, CLIENT),
    ({"Forwarded": 'for="[2001:db8::9]:4711"'}, "2001:db8::9"),
    ({"Forwarded": "for=1.1.1.1", "X_Forwarded_For": CLIENT}, "127.0.0.1"),
    ({"X_Forwarded_For": "nonsense"}, "127.0.0.1"),
    ({}, "127.0.0.1"),
]


@pytest.mark.parametrize("number", range(len(HEADERS)))
def test_a_trusted_proxy_names_the_client(behind: GranaryServer, number: int) -> None:
    headers, client = HEADERS[number]
    assert ask(behind, f"/trusted-{number}", **headers) == client


def test_what_anybody_else_writes_is_ignored(make_server: ServerFactory) -> None:
    for options in ([], ["--proxies", "10.0.0.0/8"], ["--proxies", "unix"]):
        server = make_server(options=options).start()
        for number, (headers, _) in enumerate(HEADERS):
            assert ask(server, f"/forged-{number}", **headers) == "127.0.0.1"


def version_1(client: str) -> bytes:
    return f"PROXY TCP4 {client} 127.0.0.1 56324 443\r\n".encode()


def version_2(client: str) -> bytes:
    addresses = socket.inet_aton(client) + socket.inet_aton("127.0.0.1") + struct.pack("!HH", 56324, 443)
    values = b"\x20\x00\x05\x01\x00\x00\x00\x00"
    return b"\r\n\r\n\0\r\nQUIT\n\x21\x11" + struct.pack("!H", len(addresses + values)) + addresses + values


@pytest.mark.parametrize("header", [version_1, version_2])
def test_the_proxy_protocol_names_the_client(behind: GranaryServer, header) -> None:
    for number, client in enumerate((CLIENT, OTHER)):
        with RawConnection(behind.url) as connection:
            connection.send(header(client))
            # What the client itself writes is its own word.
            connection.send(head("GET", f"/proxied-{number}", {"X-Forwarded-For": "1.1.1.1"}))
            assert connection.receive().status == 404
        assert logged_client(behind, f"/proxied-{number}") == client


@pytest.mark.parametrize("header", [version_1, version_2])
def test_the_proxy_protocol_of_a_stranger_is_no_request(server: GranaryServer, header) -> None:
    with RawConnection(server.url) as connection:
        connection.send(header(CLIENT) + head("GET", "/healthz"))
        answer = connection.receive_or_none()
        assert answer is None or answer.status == 400
    assert CLIENT not in server.stderr()


@pytest.mark.parametrize("header", [version_1, version_2])
def test_the_proxy_protocol_goes_before_tls(binary: Path, tmp_path: Path, header) -> None:
    server = TLSServer(binary, tmp_path / "tls")
    server.options += ["--proxies", "127.0.0.1"]
    server.start()
    try:
        context = ssl.create_default_context(cafile=str(server.certificate))
        with socket.create_connection(server.address(), timeout=30) as plain:
            plain.sendall(header(CLIENT))
            with context.wrap_socket(plain, server_hostname="127.0.0.1") as secure:
                secure.sendall(head("GET", "/over-tls"))
                assert secure.recv(100).startswith(b"HTTP/1.1 404")
        assert logged_client(server, "/over-tls") == CLIENT
        # A connection without a header is served, too.
        assert server.http().get(server.url + "/healthz", timeout=30).status_code == 200
        assert ask(server, "/also-over-tls", X_Forwarded_For=OTHER) == OTHER
    finally:
        server.kill()


def test_clients_of_a_unix_socket_are_trusted_when_the_list_says_so(make_server: ServerFactory, tmp_path: Path) -> None:
    for word, client in (("unix", CLIENT), ("10.0.0.0/8", None)):
        path = tmp_path / f"{word[:4]}.sock"
        server = make_server(options=["--listen", f"unix:{path}", "--proxies", word]).start()
        answer = curl("--unix-socket", path, "-H", f"X-Forwarded-For: {CLIENT}", "http://granary/local")
        assert answer.status == 404
        assert logged_client(server, "/local") == client


def test_clients_behind_a_proxy_are_slowed_each_by_itself(behind: GranaryServer) -> None:
    def sign_in(client: str, name: str, password: str) -> int:
        session = behind.http()
        session.auth = (name, password)
        return session.get(f"{behind.url}/api/v1/user", headers={"X-Forwarded-For": client}, timeout=30).status_code

    statuses = [sign_in(CLIENT, f"nobody-{number}", "wrong") for number in range(30)]
    assert statuses[0] == 401 and statuses[-1] == 429, statuses
    assert sign_in(CLIENT, "admin", ADMIN_PASSWORD) == 429
    assert sign_in(OTHER, "admin", ADMIN_PASSWORD) == 200


def test_downloads_in_parts_count_by_the_client_behind_the_proxy(behind: GranaryServer) -> None:
    url, size = behind.file_url("admin", "tool", "1.0.0", "tool.bin"), 2 << 20
    assert behind.http("admin").put(url, data=bytes(size)).status_code == 201

    def fetch(client: str, part: str) -> None:
        fields = {"X-Forwarded-For": client, "Range": f"bytes={part}"}
        assert behind.http("admin").get(url, headers=fields, timeout=30).status_code == 206

    def count() -> int:
        return behind.record("admin", "tool", "1.0.0")["files"][0]["download_count"]

    # A client completes no more downloads than it began; one that is not known began elsewhere.
    fetch(CLIENT, f"0-{size // 2 - 1}")
    for client in (CLIENT, CLIENT, OTHER, OTHER):
        fetch(client, f"{size // 2}-")
    wait_until(lambda: count() == 2, "both clients count, each once")


def test_behind_a_proxy_links_have_the_scheme_and_host_of_the_client(behind: GranaryServer) -> None:
    user = behind.http("admin").get(f"{behind.url}/api/v1/user", headers={"X-Forwarded-Proto": "https"}).json()
    assert user["html_url"] == "/admin"
    assert "set url" in behind.stderr()


@pytest.mark.parametrize("proxies", ["10.0.0.0/33", "proxy.example.org", "10.0.0.0/8;::1", "10.0.0.0/8,,::1"])
def test_what_is_no_network_is_refused(binary: Path, tmp_path: Path, proxies: str) -> None:
    done = serve(binary, "--data", tmp_path / "data", "--proxies", proxies)
    assert done.returncode != 0 and "--proxies" in done.stderr and "10.0.0.0/8 or fd00::/8" in done.stderr, done.stderr
