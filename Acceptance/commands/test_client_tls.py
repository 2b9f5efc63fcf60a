# SPDX-License-Identifier: Apache-2.0
"""The client over TLS: whom it trusts, what it says when it does not, and proxies."""

from __future__ import annotations

import os
import ssl
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from certificates import Authority, openssl
from client_home import DONE, FAILED, UNAVAILABLE, Client, stranger as client
from granary_server import GranaryServer
from programs import free_port
from tls_server import TLSServer

# Words of OpenSSL and libcurl.
FOREIGN = ("SSL", "curl", "verify", "unable", "error:", "handshake", "routines")


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.make(tmp_path)


@pytest.fixture
def server(binary: Path, tmp_path: Path, authority: Authority) -> Iterator[TLSServer]:
    """A server whose certificate the authority signed."""
    server = TLSServer(binary, tmp_path / "tls")
    server.certificate, server.key = authority.sign("server")
    server.options = ["--tls-certificate", str(server.certificate), "--tls-key", str(server.key)]
    # The tests' own session trusts the authority.
    server.certificate.write_bytes(server.certificate.read_bytes() + authority.certificate.read_bytes())
    server.start()
    yield server
    server.kill()


def refusal(client: Client, url: str, *options: str | Path, **environment: str) -> str:
    """The error for an untrusted server: one sentence, without a retry."""
    told = client.expect(FAILED, "list", "robot", "--url", url, *options, GRANARY_TOKEN=client.token, **environment)
    assert told.count("\n") == 1 and told.startswith(f"granary: no connection to {url}: "), told
    words = told.replace("SSL_CERT_FILE", "").replace("SSL_CERT_DIR", "")
    assert not [word for word in FOREIGN if word in words], told
    return told


def test_an_authority_is_named_by_option_and_variables(
    client: Client, server: TLSServer, authority: Authority, tmp_path: Path
) -> None:
    url = f"https://localhost:{server.port}"
    assert "its certificate is not signed by a trusted CA" in refusal(client, url)
    arguments = ("list", "robot", "--url", url)
    folder = tmp_path / "authorities"
    folder.mkdir()
    (folder / "ours.pem").write_bytes(authority.certificate.read_bytes())
    openssl("rehash", folder)
    trust: list[tuple[tuple[str | Path, ...], dict[str, str]]] = [
        (("--ca-file", authority.certificate), {}),
        ((), {"SSL_CERT_FILE": str(authority.certificate)}),
        ((), {"SSL_CERT_DIR": str(folder)}),
        # The option is stronger than the variables, and an empty one counts as none.
        (("--ca-file", authority.certificate), {"SSL_CERT_FILE": "/absent", "SSL_CERT_DIR": ""}),
    ]
    for options, environment in trust:
        client.expect(DONE, *arguments, *options, GRANARY_TOKEN=client.token, **environment)
    token = client.home / "token"
    token.write_text(client.token)
    client.expect(DONE, "login", url, "--token-file", token, "--ca-file", authority.certificate)
    client.expect(DONE, "list", "robot", "--ca-file", authority.certificate)


def test_another_authority_is_not_trusted(client: Client, server: TLSServer, tmp_path: Path) -> None:
    other = Authority.make(tmp_path, "other")
    told = refusal(client, server.url, "--ca-file", other.certificate)
    assert "its certificate is not signed by a trusted CA; pass the CA certificate" in told and "--ca-file" in told


def test_certificates_that_do_not_fit_are_told_apart(
    client: Client, binary: Path, authority: Authority, tmp_path: Path
) -> None:
    cases = {
        "expired": (authority.sign("expired", days=-1), "its certificate has expired or is not valid yet"),
        "other-name": (authority.sign("other-name", "DNS:other.example"), "its certificate is for another name"),
    }
    for name, ((certificate, key), sentence) in cases.items():
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            threading.Thread(target=accept_once, args=(listener, context), daemon=True).start()
            url = f"https://localhost:{listener.getsockname()[1]}"
            assert sentence in refusal(client, url, "--ca-file", authority.certificate), name


def accept_once(listener: socket.socket, context: ssl.SSLContext) -> None:
    """Takes one connection and shakes hands as far as the client likes."""
    try:
        plain, _ = listener.accept()
        with context.wrap_socket(plain, server_side=True) as secure:
            secure.recv(1)
    except OSError:
        pass


def test_a_server_without_tls_is_told_apart(client: Client, make_server, authority: Authority) -> None:
    plain: GranaryServer = make_server().start()
    told = refusal(client, plain.url.replace("http://", "https://"), "--ca-file", authority.certificate)
    assert "it does not speak TLS on this port" in told and "http://" in told


def test_plain_http_to_a_server_with_tls_is_a_sentence(client: Client, server: TLSServer) -> None:
    told = client.run("list", "robot", "--url", server.url.replace("https://", "http://"), GRANARY_TOKEN=client.token)
    assert told.returncode == FAILED and "https" in told.stderr.lower(), told.stderr


def test_files_of_authorities_that_are_none_are_named(client: Client, server: TLSServer) -> None:
    nonsense = client.home / "nonsense.pem"
    nonsense.write_text("nonsense")
    for path, reason in ((client.home / "absent.pem", "cannot read"), (nonsense, "has no PEM certificate")):
        told = client.expect(FAILED, "list", "robot", "--url", server.url, "--ca-file", path)
        assert str(path) in told and reason in told, told
    told = refusal(client, server.url, SSL_CERT_FILE=str(nonsense))
    assert "cannot read the CA certificates" in told


class TunnelProxy(threading.Thread):
    """A proxy that notes what it is asked for, and lets tunnels through to one port of this machine."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self.port = port
        self.asked: list[str] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def run(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client: socket.socket) -> None:
        asked = b""
        while b"\r\n\r\n" not in asked:
            asked += client.recv(65536)
        self.asked.append(asked.split(b"\r\n")[0].decode())
        server = socket.create_connection(("127.0.0.1", self.port))
        if asked.startswith(b"CONNECT "):
            client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        else:
            method, target, rest = asked.split(b" ", 2)
            parts = urlsplit(target.decode())
            server.sendall(b" ".join([method, (parts.path + "?" + parts.query).rstrip("?").encode(), rest]))
        for source, sink in ((client, server), (server, client)):
            threading.Thread(target=self.copy, args=(source, sink), daemon=True).start()

    @staticmethod
    def copy(source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass


def test_proxies_over_tls_are_those_of_curl(client: Client, server: TLSServer, authority: Authority) -> None:
    url = f"https://localhost:{server.port}"
    proxy = TunnelProxy(server.port)
    proxy.start()

    def run(**environment: str) -> list[str]:
        client.expect(DONE, "list", "robot", "--url", url, "--ca-file", authority.certificate, **environment)
        asked, proxy.asked = proxy.asked, []
        return asked

    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        assert run(**{name: proxy.url}) == [f"CONNECT localhost:{server.port} HTTP/1.1"], name
        for exception in ("no_proxy", "NO_PROXY"):
            assert run(**{name: proxy.url, exception: "example.org,localhost"}) == []
    assert run(http_proxy=proxy.url) == []


def test_proxies_of_plain_requests_are_those_of_curl(client: Client, make_server) -> None:
    plain: GranaryServer = make_server().start()
    plain.create_user("robot")
    proxy = TunnelProxy(plain.port)
    proxy.start()

    def run(**environment: str) -> list[str]:
        client.expect(DONE, "list", "robot", "--url", plain.url, **environment)
        asked, proxy.asked = proxy.asked, []
        return asked

    for name in ("http_proxy", "all_proxy", "ALL_PROXY"):
        assert run(**{name: proxy.url})[0].startswith(f"GET {plain.url}/"), name
    # A Proxy header field sets this variable in CGI scripts, so curl ignores it.
    assert run(HTTP_PROXY=proxy.url) == []


def test_a_proxy_that_is_not_there_is_told_apart(client: Client, server: TLSServer, authority: Authority) -> None:
    port = free_port()
    told = client.run("list", "robot", "--url", server.url, "--ca-file", authority.certificate,
                      HTTPS_PROXY=f"http://someone:hush@127.0.0.1:{port}")
    assert told.returncode == UNAVAILABLE and told.stderr.count("\n") == 1, told.stderr
    assert f"the proxy http://127.0.0.1:{port} (from HTTPS_PROXY) refuses connections" in told.stderr
    assert "someone" not in told.stderr and "hush" not in told.stderr
    # Nothing is sent twice to what cannot be a proxy.
    told = client.expect(FAILED, "list", "robot", "--url", server.url, "--ca-file", authority.certificate,
                         https_proxy="garbage://127.0.0.1")
    assert 'https_proxy names a proxy with the unknown scheme "garbage"' in told


def test_a_pipe_is_no_file_of_authorities(client: Client, server: TLSServer, authority: Authority) -> None:
    reader, writer = os.pipe()
    os.write(writer, authority.certificate.read_bytes())
    os.close(writer)
    done = subprocess.run(
        [str(client.binary), "list", "robot", "--url", server.url, "--ca-file", f"/dev/fd/{reader}"], pass_fds=[reader],
        capture_output=True, text=True, cwd=client.home, env=client.environment(), timeout=60,
    )
    os.close(reader)
    assert done.returncode == FAILED and f'"/dev/fd/{reader}"' in done.stderr and "not a regular file" in done.stderr
