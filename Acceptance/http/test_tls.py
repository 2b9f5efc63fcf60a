# SPDX-License-Identifier: Apache-2.0
"""HTTPS: HTTP/1.1 and HTTP/2 with curl, certificates that are replaced, and handshakes that never end."""

from __future__ import annotations

import filecmp
import random
import socket
import ssl
import subprocess
import time
from pathlib import Path

import pytest

from curl import AS_ADMIN, curl
from granary_server import ADMIN_PASSWORD, TARGET
from raw_http import RawConnection
from sizes import MEBIBYTE
from tls_server import TLSServer, make_certificate, replace, secure as server
from waiting import clean_environment, wait_until

PROTOCOLS = {"--http1.1": "1.1", "--http2": "2"}


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("big") / "big.bin"
    path.write_bytes(random.Random("tls").randbytes(64 * MEBIBYTE))
    return path


def version(server: TLSServer, option: str, *arguments: str | Path) -> str:
    """The version of HTTP that curl comes to speak."""
    done = subprocess.run(
        ["curl", "-q", "-sS", option, "--cacert", str(server.certificate), "-o", "/dev/null", "-w", "%{http_version}",
         *map(str, arguments)],
        capture_output=True, text=True, env=clean_environment(), timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_64_mebibytes_go_up_and_come_down(server: TLSServer, big: Path, tmp_path: Path) -> None:
    trust = ("--cacert", server.certificate)
    for number, (option, spoken) in enumerate(PROTOCOLS.items()):
        url = server.file_url("admin", "tool", f"1.0.{number}", "tool.bin")
        assert version(server, option, server.url + "/healthz") == spoken
        assert curl(option, *trust, *AS_ADMIN, "-T", big, url).status == 201
        target = tmp_path / "downloaded"
        for download in PROTOCOLS:
            answer = curl(download, *trust, url, output=target)
            assert answer.status == 200
            assert answer.headers["content-length"] == str(64 * MEBIBYTE)
            assert filecmp.cmp(big, target, shallow=False), f"{download}: other bytes"
        part = curl(option, *trust, "-r", "1000000-1999999", url)
        with open(big, "rb") as file:
            file.seek(1_000_000)
            assert (part.status, part.body) == (206, file.read(1_000_000))
        whole_etag = curl(option, *trust, "-I", url).headers["etag"]
        assert curl(option, *trust, "-H", f"If-None-Match: {whole_etag}", url).status == 304
        assert curl(option, *trust, "-r", "99999999999-", url).status == 416


def test_answers_over_tls_are_those_of_both_versions(server: TLSServer) -> None:
    trust = ("--cacert", server.certificate)
    url = server.url + TARGET
    assert curl(*trust, *AS_ADMIN, "-T", "-", url, stdin=server.certificate).status == 201
    for arguments in ((), ("-r", "0-9"), ("-I",), ("-H", "If-None-Match: *")):
        one, two = (curl(option, *trust, *arguments, url) for option in PROTOCOLS)
        for answer in (one, two):
            for name in ("date", "x-request-id", "connection"):
                answer.headers.pop(name, None)
        assert (one.status, one.headers) == (two.status, two.headers), arguments
        # curl prints the head of the answer to a HEAD as if it were the body.
        assert "-I" in arguments or one.body == two.body, arguments


def test_many_requests_share_a_connection_of_http_2(server: TLSServer, tmp_path: Path) -> None:
    session = server.http("admin")
    urls = [server.file_url("admin", "tool", f"1.0.{number}", "tool.bin") for number in range(30)]
    for number, url in enumerate(urls):
        assert session.put(url, data=b"%d" % number * 10_000).status_code == 201
    arguments = [part for number, url in enumerate(urls) for part in ("-o", str(tmp_path / str(number)), url)]
    done = subprocess.run(
        ["curl", "-q", "-sS", "--fail", "--http2", "--parallel", "--cacert", str(server.certificate), "-w",
         "%{num_connects}\n", *arguments],
        capture_output=True, text=True, env=clean_environment(), timeout=60,
    )
    assert done.returncode == 0, done.stderr
    for number in range(len(urls)):
        assert (tmp_path / str(number)).read_bytes() == b"%d" % number * 10_000
    assert sum(map(int, done.stdout.split())) < len(urls)


@pytest.mark.parametrize("option", PROTOCOLS)
def test_a_refused_upload_sees_its_answer(server: TLSServer, tmp_path: Path, option: str) -> None:
    huge = tmp_path / "huge.bin"
    with open(huge, "wb") as file:
        file.truncate(200 * MEBIBYTE)
    trust = ("--cacert", server.certificate)
    for expect in ((), ("-H", "Expect:")):
        for _ in range(5):
            assert not server.ended(), "the server did not survive a refusal"
            assert curl(option, *trust, *expect, "-T", huge, server.url + TARGET, seconds=30).status == 401
        wrong = curl(option, *trust, *expect, *AS_ADMIN, "-T", huge, server.url + TARGET.replace("1.0.0", "1"))
        assert wrong.status == 400 and len(wrong.text) > 10
    assert server.blob_files() == [] and server.staged_files() == []


def test_a_connection_outlives_the_time_for_its_handshake(server: TLSServer, big: Path) -> None:
    # Twelve seconds; a handshake has ten.
    uploads = []
    for number, option in enumerate(PROTOCOLS):
        url = server.file_url("admin", "tool", f"1.0.{number}", "tool.bin")
        command = ["curl", "-q", "-sS", option, "--cacert", server.certificate, *AS_ADMIN, "--limit-rate", "5600k",
                   "-o", "/dev/null", "-w", "%{http_code}", "-T", big, url]
        uploads.append(subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, env=clean_environment(), text=True))
    for option, upload in zip(PROTOCOLS, uploads):
        assert upload.communicate(timeout=60)[0] == "201", option


def test_a_replaced_certificate_is_used_within_seconds(server: TLSServer, tmp_path: Path) -> None:
    first = server.certificate.read_text()
    assert server.presented() == first
    certificate, key = make_certificate(tmp_path, "second")
    with server.http() as kept:
        assert kept.get(server.url + "/healthz").status_code == 200
        replace(server.key, key.read_bytes())
        replace(server.certificate, certificate.read_bytes())
        wait_until(lambda: presented(server) == certificate.read_text(), "the new certificate is shown", seconds=3)
        # Who is connected stays so.
        assert kept.get(server.url + "/healthz").status_code == 200
    assert curl("--cacert", certificate, server.url + "/healthz").status == 200


def presented(server: TLSServer) -> str | None:
    try:
        return server.presented()
    except OSError:
        return None


@pytest.mark.parametrize("case", ["no certificate", "no key", "empty", "key of another", "gone"])
def test_a_broken_replacement_keeps_the_old_certificate(server: TLSServer, tmp_path: Path, case: str) -> None:
    first = server.certificate.read_bytes()
    certificate, key = make_certificate(tmp_path, "second")
    match case:
        case "no certificate": replace(server.certificate, b"-----BEGIN CERTIFICATE-----\nnonsense\n")
        case "no key": replace(server.key, b"nonsense")
        case "empty": replace(server.certificate, b"")
        case "key of another": replace(server.certificate, certificate.read_bytes())
        case "gone": server.certificate.unlink()
    deadline = time.monotonic() + 2.5
    while time.monotonic() < deadline:
        assert presented(server) == first.decode(), "a broken certificate is in use"
        time.sleep(0.2)
    assert not server.ended()
    # Once both are right, they are used.
    replace(server.key, key.read_bytes())
    replace(server.certificate, certificate.read_bytes())
    wait_until(lambda: presented(server) == certificate.read_text(), "the new certificate is shown", seconds=3)


def test_a_start_with_a_broken_certificate_says_so(binary: Path, tmp_path: Path) -> None:
    certificate, key = make_certificate(tmp_path, "first")
    other = make_certificate(tmp_path, "second")[1]
    nonsense = tmp_path / "nonsense.pem"
    nonsense.write_text("nonsense")
    for chosen in ((nonsense, key), (certificate, nonsense), (certificate, tmp_path / "absent"), (certificate, other)):
        done = subprocess.run(
            [binary, "serve", "--data", tmp_path / "data", "--listen", "127.0.0.1:0", "--tls-certificate", chosen[0],
             "--tls-key", chosen[1]],
            capture_output=True, text=True, env=clean_environment(GRANARY_ADMIN_PASSWORD=ADMIN_PASSWORD), timeout=15,
        )
        assert done.returncode != 0
        assert any(str(path) in done.stderr for path in chosen), done.stderr


def test_half_a_handshake_is_closed(server: TLSServer) -> None:
    hello = client_hello()
    connections = [RawConnection(server.url) for _ in range(3)]
    for connection, part in zip(connections, (b"", hello[:3], hello[:-20])):
        connection.send(part)
    # Half a handshake holds nobody up.
    assert server.http().get(server.url + "/healthz", timeout=5).status_code == 200
    deadline = time.monotonic() + 15
    for connection in connections:
        with connection:
            assert connection.ends_within(max(0.1, deadline - time.monotonic())), "half a handshake holds a connection"


def client_hello() -> bytes:
    """The first bytes of a real handshake."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    wrapped = ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname="localhost")
    try:
        wrapped.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


def test_plain_http_on_the_tls_port_is_cut(server: TLSServer) -> None:
    with socket.create_connection(server.address(), timeout=5) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        try:
            assert not plain.recv(100).startswith(b"HTTP/1.1 200")
        except ConnectionResetError:
            pass
    assert server.http().get(server.url + "/healthz", timeout=5).status_code == 200


def test_old_versions_of_tls_are_refused(server: TLSServer) -> None:
    for version_ in ("--tls-max 1.1", "--tls-max 1.0"):
        done = subprocess.run(
            ["curl", "-q", "-sS", "-k", "--ciphers", "DEFAULT@SECLEVEL=0", *version_.split(), server.url + "/healthz"],
            capture_output=True, env=clean_environment(), timeout=30,
        )
        assert done.returncode != 0
