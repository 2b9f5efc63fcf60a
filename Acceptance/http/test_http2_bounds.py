# SPDX-License-Identifier: Apache-2.0
"""An HTTP/2 connection is bounded as a whole: silence, stalled streams, floods, and one bad stream beside good ones."""

from __future__ import annotations

import random
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import h2.errors
import h2.events
import h2.settings
import pytest
import requests

import raw_http
from curl import AS_ADMIN, curl
from delaying_proxy import DelayingProxy
from granary_server import ADMIN_PASSWORD, TARGET
from hashing import sha256
from http2_client import PREFACE, HTTP2Client, http2
from raw_http import CREDENTIALS, unverified
from sizes import MEBIBYTE
from tls_server import TLSServer
from waiting import clean_environment, wait_until

IDLE = 2
EMPTY_SETTINGS = bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])


@pytest.fixture
def server(binary: Path, tmp_path: Path) -> Iterator[TLSServer]:
    server = TLSServer(binary, tmp_path / "tls")
    server.options += ["--timeouts-idle", f"{IDLE}s", "--timeouts-stalled-reader", "4s"]
    server.start()
    yield server
    server.kill()


def publish(server: TLSServer, content: bytes) -> None:
    answer = requests.put(
        server.url + TARGET, data=content, auth=("admin", ADMIN_PASSWORD), verify=str(server.certificate), timeout=60
    )
    assert answer.status_code == 201


def resident(server: TLSServer) -> int:
    """MiB of resident memory."""
    return server.memory() // MEBIBYTE


def bare(server: TLSServer) -> HTTP2Client:
    """A connection on which nothing was sent beyond what TLS needs."""
    client = HTTP2Client.__new__(HTTP2Client)
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    client.socket = context.wrap_socket(socket.create_connection(server.address(), timeout=20))
    client.is_closed = False
    return client


def drain(client: HTTP2Client, seconds: float) -> None:
    """Waits until the server has closed a connection, whatever it still sends."""
    client.socket.settimeout(seconds)
    try:
        while client.socket.recv(65536):
            pass
    except TimeoutError:
        pytest.fail("the server keeps the connection")
    except OSError:
        pass


INCOMPLETE = {
    "silence": b"",
    "half a preface": PREFACE[:10],
    "no settings": PREFACE,
    "headers without end": PREFACE + EMPTY_SETTINGS + bytes([0, 0, 1, 1, 0, 0, 0, 0, 1, 0x82]),
    "half a frame": PREFACE + EMPTY_SETTINGS + bytes([0, 0, 200, 0, 0, 0, 0, 0, 1, 7, 7]),
}


@pytest.mark.parametrize("sent", INCOMPLETE.values(), ids=INCOMPLETE)
def test_what_is_not_completed_ends_the_connection(server: TLSServer, sent: bytes) -> None:
    client = bare(server)
    client.socket.sendall(sent)
    drain(client, IDLE + 10)
    client.socket.close()
    assert server.stop() == 0


def test_a_stop_waits_for_nothing_that_is_incomplete(binary: Path, tmp_path: Path) -> None:
    server = TLSServer(binary, tmp_path / "tls")
    server.start()
    publish(server, random.Random("stop").randbytes(8 * MEBIBYTE))
    with ExitStack() as stack:
        for sent in INCOMPLETE.values():
            client = bare(server)
            stack.callback(client.socket.close)
            client.socket.sendall(sent)
        # A stream that has had its answer, and one that was reset.
        idle = stack.enter_context(http2(server.url))
        assert idle.status(idle.request("GET", "/healthz")) == 200
        idle.connection.reset_stream(idle.request("GET", TARGET))
        idle.flush()
        assert server.stop() == 0
    assert "stopped before all requests" not in server.stderr()


def test_silence_after_a_finished_and_a_reset_stream_ends_the_connection(server: TLSServer) -> None:
    publish(server, b"content")
    with http2(server.url) as client:
        assert client.status(client.request("GET", TARGET)) == 200
        stream = client.request("PUT", TARGET, ("content-length", "9"), ends=False)
        client.connection.reset_stream(stream)
        client.flush()
        client.wait_for_end(IDLE + 10)


def test_an_idle_connection_holds_little(binary: Path, tmp_path: Path) -> None:
    server = TLSServer(binary, tmp_path / "tls")
    server.start()
    publish(server, b"content")
    connections = 200
    with ExitStack() as stack:
        def open_some(count: int) -> None:
            for _ in range(count):
                client = stack.enter_context(http2(server.url))
                assert client.status(client.request("GET", TARGET)) == 200

        # The first ones pay for what the server keeps anyway.
        open_some(50)
        before = server.memory()
        open_some(connections)
        assert (server.memory() - before) // connections < 64 * 1024
    server.kill()


def test_the_table_of_compressed_fields_is_bounded_in_both_directions(server: TLSServer) -> None:
    """RFC 7541, section 4.2: neither side keeps more than the 4,096 bytes that the server has announced or chosen."""
    publish(server, b"content")
    with http2(server.url, {h2.settings.SettingCodes.HEADER_TABLE_SIZE: 1 << 30}) as client:
        decoder = client.connection.decoder
        decoder.max_allowed_table_size = 1 << 30
        for number in range(200):
            fields = [("x-" + "n" * 100 + str(number), "v" * 400)]
            assert client.status(client.request("GET", f"{TARGET}?{number}", *fields)) == 200
        assert decoder.header_table_size <= 4096
    with http2(server.url) as client:
        client.receive(1)
        # The client takes a table of 1 MiB for itself, which the server never allowed.
        client.connection.encoder.header_table_size = MEBIBYTE
        client.request("GET", TARGET)
        client.wait_for_end()
        ended = [event for event in client.events if isinstance(event, h2.events.ConnectionTerminated)]
        assert [event.error_code for event in ended] == [h2.errors.ErrorCodes.COMPRESSION_ERROR]


def test_streams_that_stall_hold_little(server: TLSServer) -> None:
    publish(server, random.Random("stall").randbytes(8 * MEBIBYTE))
    with http2(server.url) as client:
        client.status(client.request("GET", TARGET))
    files, memory = len(server.descriptors()), resident(server)
    with ExitStack() as stack:
        clients = [
            stack.enter_context(http2(server.url, {h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: 1}))
            for _ in range(11)
        ]
        for client in clients:
            for _ in range(100):
                client.request("GET", TARGET)
        for client in clients:
            client.receive(1)
        assert resident(server) - memory < 64
        assert len(server.descriptors()) - files < 11 * 17 + 16
        # They do not go on for ever, and others are served meanwhile.
        assert requests.get(server.url + "/healthz", verify=str(server.certificate), timeout=10).status_code == 200
        for client in clients:
            drain(client, 30)
    wait_until(lambda: len(server.descriptors()) <= files + 8, "the descriptors are closed")


def test_long_answers_that_stall_hold_little(server: TLSServer) -> None:
    """The description of the interface is some 100 KB of JSON, made for each request."""
    memory = resident(server)
    with ExitStack() as stack:
        for _ in range(5):
            client = stack.enter_context(http2(server.url, {h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: 1}))
            for _ in range(100):
                client.request("GET", "/api/openapi.json")
            client.receive(1)
        assert resident(server) - memory < 100


def test_long_lists_that_stall_hold_one_page(server: TLSServer) -> None:
    """A version of 4,000 files is 1.7 MB of JSON, and half a megabyte of checksums."""
    names = [f"file-{number:04}.bin" for number in range(4000)]
    draft = f"{server.url}/api/granary/v1/releases/admin/many/1.0.0"

    def publish_some(part: list[str]) -> None:
        session = requests.Session()
        session.auth = ("admin", ADMIN_PASSWORD)
        for name in part:
            answer = session.put(f"{draft}/{name}", data=name, verify=str(server.certificate), timeout=60)
            assert answer.status_code == 201

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(publish_some, [names[start::8] for start in range(8)]))
    session = requests.Session()
    session.auth = ("admin", ADMIN_PASSWORD)
    record = session.get(draft, verify=str(server.certificate), timeout=60).json()
    assert [file["name"] for file in record["files"]] == names
    record = session.post(draft, verify=str(server.certificate), timeout=60).json()
    assert [file["name"] for file in record["files"]] == names
    lists = [
        "/api/granary/v1/packages/admin/many/1.0.0",
        "/api/v1/packages/admin/generic/many/1.0.0/files",
        "/api/packages/admin/generic/many/1.0.0/SHA256SUMS",
    ]
    whole = [session.get(server.url + path, verify=str(server.certificate), timeout=60) for path in lists]
    assert [file["name"] for file in whole[0].json()["files"]] == names
    assert [file["name"] for file in whole[1].json()] == names
    lines = [f"{sha256(name.encode())}  {name}" for name in names]
    assert whole[2].text.splitlines() == lines
    credentials = CREDENTIALS["Authorization"]
    memory = resident(server)
    with ExitStack() as stack:
        for number in range(60):
            path = lists[number % len(lists)]
            plain = stack.enter_context(socket.socket())
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            plain.connect(server.address())
            tls = stack.enter_context(unverified().wrap_socket(plain))
            tls.sendall(raw_http.head("GET", path, {"Host": "x", "Authorization": credentials}))
        for _ in range(15):
            client = stack.enter_context(http2(server.url, {h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: 1}))
            for number in range(100):
                client.request("GET", lists[number % len(lists)], ("authorization", credentials))
            client.receive(1)
        time.sleep(1)
        assert resident(server) - memory < 64


@pytest.mark.parametrize("kind", ["window updates", "pings", "settings"])
def test_floods_end_the_connection(server: TLSServer, kind: str) -> None:
    frame = {
        "window updates": bytes([0, 0, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
        "pings": bytes([0, 0, 8, 6, 0, 0, 0, 0, 0]) + b"flooding",
        "settings": EMPTY_SETTINGS,
    }[kind]
    with http2(server.url) as client:
        client.receive(1)
        deadline = time.monotonic() + 20
        with pytest.raises(OSError):
            while time.monotonic() < deadline:
                client.send(frame * 200)
                client.receive(0.001)
                if client.is_closed:
                    raise ConnectionResetError
    assert requests.get(server.url + "/healthz", verify=str(server.certificate), timeout=10).status_code == 200


def test_pings_during_a_slow_upload_do_no_harm(server: TLSServer) -> None:
    with http2(server.url) as client:
        fields = [("authorization", CREDENTIALS["Authorization"]), ("content-length", "60000")]
        stream = client.request("PUT", TARGET, *fields, ends=False)
        for part in range(12):
            client.connection.send_data(stream, bytes(5000), end_stream=part == 11)
            client.connection.ping(b"keepaliv")
            client.flush()
            client.receive(0.5)
        assert client.status(stream) == 201


def test_a_bad_stream_does_not_end_a_good_one(server: TLSServer) -> None:
    authorization = ("authorization", CREDENTIALS["Authorization"])
    with http2(server.url) as client:
        good = client.request("PUT", TARGET, authorization, ("content-length", "10"), ends=False)
        # The body is longer than its length says (RFC 9113, section 8.1.1). An earlier refusal would end the stream.
        path = "/api/packages/admin/generic/bad/1.0.0/a"
        bad = client.request("PUT", path, authorization, ("content-length", "1"), ends=False)
        client.connection.send_data(bad, b"too long", end_stream=True)
        client.flush()
        client.wait_for(h2.events.StreamReset, stream=bad)
        client.connection.send_data(good, b"0123456789", end_stream=True)
        client.flush()
        assert client.status(good) == 201


def test_a_refused_upload_is_answered_then_reset_without_an_error(server: TLSServer) -> None:
    with http2(server.url) as client:
        stream = client.request("PUT", TARGET, ("content-length", str(64 * MEBIBYTE)), ends=False)
        assert client.status(stream) == 401
        assert client.wait_for(h2.events.StreamReset, 5, stream).error_code == 0
        assert client.status(client.request("GET", "/healthz")) == 200


def test_an_upload_may_be_ahead_of_its_answers(server: TLSServer) -> None:
    """What is on its way of a long line: 65,535 bytes at a time would take a round trip each."""
    with http2(server.url) as client:
        stream = client.request("PUT", TARGET, ("authorization", CREDENTIALS["Authorization"]), ends=False)
        client.wait_for(h2.events.RemoteSettingsChanged)
        # A separate frame enlarges the window of the connection.
        wait_until(
            lambda: client.connection.local_flow_control_window(stream) >= MEBIBYTE or not client.receive(0.1) and False,
            "the windows have room for a MiB",
        )


@pytest.mark.parametrize("milliseconds", [20, 100])
@pytest.mark.parametrize("version", ["--http1.1", "--http2"])
def test_an_upload_over_a_long_line(server: TLSServer, tmp_path: Path, version: str, milliseconds: int) -> None:
    source = tmp_path / "source.bin"
    source.write_bytes(random.Random(version).randbytes(20 * MEBIBYTE))
    with DelayingProxy(int(server.url.rpartition(":")[2]), milliseconds) as proxy:
        url = f"https://127.0.0.1:{proxy.port}{TARGET}"
        assert curl(version, "--cacert", server.certificate, *AS_ADMIN, "-T", source, url).status == 201
    answer = requests.get(server.url + TARGET, auth=("admin", ADMIN_PASSWORD), verify=str(server.certificate), timeout=60)
    assert answer.content == source.read_bytes()


def test_curl_sees_the_refusal_of_an_upload(server: TLSServer, tmp_path: Path) -> None:
    big = tmp_path / "big.bin"
    big.write_bytes(bytes(32 * MEBIBYTE))
    for option in ("--http1.1", "--http2"):
        for expect in (("-H", "Expect:"), ()):
            answer = curl(option, "--cacert", server.certificate, "-u", "admin:wrong", *expect, "-T", big,
                          server.url + TARGET)
            assert answer.status == 401, (option, expect)


def test_nghttp_reads_what_curl_published(server: TLSServer, tmp_path: Path) -> None:
    source = tmp_path / "source.bin"
    source.write_bytes(random.Random("nghttp").randbytes(3 * MEBIBYTE + 1))
    trust = ("--cacert", server.certificate)
    assert curl("--http2", *trust, *AS_ADMIN, "-T", source, server.url + TARGET).status == 201
    done = subprocess.run(
        ["nghttp", "--no-verify-peer", server.url + TARGET], capture_output=True, timeout=60, env=clean_environment()
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == source.read_bytes()
