# SPDX-License-Identifier: Apache-2.0
"""A server whose content lies in a real S3 store: contract, redirects, and a store that fails in every way."""

from __future__ import annotations

import random
import re
import socket
import ssl
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from certificates import Authority
from granary_server import ADMIN_PASSWORD, GranaryServer
from s3_store import S3Store, store
from server_fixtures import ServerFactory
from tcp_proxy import ForwardingProxy
from waiting import clean_environment, wait_until

# What a hung store may cost at most: three tries of ten seconds, pauses, and the server's own work on a busy machine.
HUNG_DEADLINE = 60


def settings(store: S3Store, name: str, **added: str) -> dict[str, str]:
    """The environment of a server whose content lies in a place of the store that is named for a test."""
    prefix = re.sub(r"[^a-zA-Z0-9]", "-", name)
    return store.settings(GRANARY_ADMIN_PASSWORD=ADMIN_PASSWORD, GRANARY_S3_PREFIX=prefix, **added)


@pytest.fixture
def server(store: S3Store, make_server: ServerFactory, request: pytest.FixtureRequest) -> GranaryServer:
    """A server with its own place in the store."""
    return make_server(environment=settings(store, request.node.name)).start()


def body_of(seed: int, size: int = 100_000) -> bytes:
    return random.Random(seed).randbytes(size)


def put(server: GranaryServer, version: str, body: bytes) -> requests.Response:
    url = server.file_url("admin", "tool", version, "tool.bin")
    return server.http("admin").put(url, data=body, timeout=HUNG_DEADLINE)


def get(server: GranaryServer, version: str, **arguments: object) -> requests.Response:
    url = server.file_url("admin", "tool", version, "tool.bin")
    return server.http("admin").get(url, timeout=HUNG_DEADLINE, **arguments)


@pytest.mark.parametrize("size", [0, 1, 65_536, 65_537, 5_000_000, 80_000_000])
def test_what_is_published_is_given_back(server: GranaryServer, size: int) -> None:
    body = body_of(size, size)
    assert put(server, "1.0.0", body).status_code == 201
    for _ in range(2):
        answer = get(server, "1.0.0")
        assert answer.status_code == 200
        assert answer.content == body
    assert server.blob_files() == [], "nothing lies in the data directory"
    if size > 1:
        part = get(server, "1.0.0", headers={"Range": f"bytes={size // 2}-"})
        assert part.status_code == 206
        assert part.content == body[size // 2:]
        parts = get(server, "1.0.0", headers={"Range": f"bytes=0-0,{size - 1}-"})
        assert parts.status_code == 206
        assert parts.headers["Content-Type"].startswith("multipart/byteranges")
        assert int(parts.headers["Content-Length"]) == len(parts.content)


def test_content_survives_a_restart_and_goes_with_its_file(server: GranaryServer) -> None:
    assert put(server, "1.0.0", body_of(1)).status_code == 201
    server.restart()
    assert get(server, "1.0.0").content == body_of(1)
    assert server.http("admin").delete(server.version_url("admin", "tool", "1.0.0"), timeout=60).status_code == 204
    assert get(server, "1.0.0").status_code == 404
    done = server.run_admin("gc")
    assert done.returncode == 0, done.stderr


def test_many_publish_at_once(server: GranaryServer) -> None:
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda n: put(server, f"1.0.{n}", body_of(n)).status_code, range(64)))
        assert answers == [201] * 64
        assert all(pool.map(lambda n: get(server, f"1.0.{n}").content == body_of(n), range(64)))


class TestRedirects:
    """With s3.redirect clients fetch content from the store."""

    @pytest.fixture
    def server(self, store: S3Store, make_server: ServerFactory, request: pytest.FixtureRequest) -> GranaryServer:
        environment = settings(store, request.node.name, GRANARY_S3_REDIRECT="on")
        server = make_server(environment=environment).start()
        assert put(server, "1.0.0", body_of(1)).status_code == 201
        return server

    def test_the_answer_has_the_digests_and_a_url_for_a_moment(self, server: GranaryServer, store: S3Store) -> None:
        answer = get(server, "1.0.0", allow_redirects=False)
        head = server.http("admin").head(server.file_url("admin", "tool", "1.0.0", "tool.bin"), timeout=60)
        assert answer.status_code == 302
        assert answer.content == b""
        assert answer.headers["Cache-Control"] == "no-store"
        for name in ("ETag", "Repr-Digest", "Digest", "X-Checksum-Sha256"):
            assert answer.headers[name] == head.headers[name]
        location = answer.headers["Location"]
        assert location.startswith(store.values["ENDPOINT"])
        assert "X-Amz-Expires=60&" in location
        assert store.values["SECRET_KEY"] not in location
        content = requests.get(location, timeout=60)
        assert content.content == body_of(1)
        assert content.headers["Content-Disposition"] == "attachment; filename=tool.bin"
        assert head.status_code == 200
        assert head.headers["Content-Length"] == "100000"

    def test_conditions_are_answered_here(self, server: GranaryServer) -> None:
        tag = get(server, "1.0.0", allow_redirects=False).headers["ETag"]
        expected = [
            ({"If-None-Match": tag}, 304),
            ({"If-Match": '"other"'}, 412),
            ({"Range": "bytes=100000-"}, 416),
            ({"If-Match": tag}, 200),
            ({"Range": "bytes=0-9"}, 302),
            ({"Range": "bytes=0-9", "If-Range": tag}, 206),
        ]
        for headers, status in expected:
            assert get(server, "1.0.0", allow_redirects=False, headers=headers).status_code == status, headers

    @pytest.mark.parametrize(
        "command",
        [
            ["curl", "-sSfL", "--user", f"admin:{ADMIN_PASSWORD}", "-o", "tool.bin"],
            ["wget", "-q", "--user=admin", f"--password={ADMIN_PASSWORD}", "-O", "tool.bin"],
            ["wget", "-q", "--auth-no-challenge", "--user=admin", f"--password={ADMIN_PASSWORD}", "-O", "tool.bin"],
            ["wget2", "-q", "--user=admin", f"--password={ADMIN_PASSWORD}", "-O", "tool.bin"],
            ["aria2c", "-q", "--http-user=admin", f"--http-passwd={ADMIN_PASSWORD}", "--no-conf", "-o", "tool.bin"],
        ],
    )
    def test_clients_follow(self, server: GranaryServer, tmp_path: Path, command: list[str]) -> None:
        # Some of them send the credentials on to the store, which must not happen.
        server.admin("user", "update", "admin", "--visibility", "private")
        url = server.file_url("admin", "tool", "1.0.0", "tool.bin")
        subprocess.run([*command, url], check=True, timeout=60, cwd=tmp_path, env=clean_environment())
        assert (tmp_path / "tool.bin").read_bytes() == body_of(1)

    def test_a_redirected_download_counts_once(self, server: GranaryServer) -> None:
        get(server, "1.0.0")
        get(server, "1.0.0", headers={"Range": "bytes=0-9"})

        def count() -> int:
            return server.record("admin", "tool", "1.0.0")["files"][0]["download_count"]

        wait_until(lambda: count() == 1, "one download is counted")


class TestFaults:
    """The store fails: what was acknowledged is there afterwards, and everything else was refused with a sentence."""

    def test_a_hung_store(self, server: GranaryServer, store: S3Store) -> None:
        assert put(server, "1.0.0", body_of(1)).status_code == 201
        store.pause()
        try:
            for answer in (put(server, "2.0.0", body_of(2)), get(server, "1.0.0", headers={"Range": "bytes=1-"})):
                assert answer.status_code == 503
                assert "try again" in answer.text
            assert server.http().get(server.url + "/readyz", timeout=60).status_code == 503
            assert server.http().get(server.url + "/healthz", timeout=60).status_code == 200
        finally:
            store.resume()
        wait_until(server.is_ready, "the server is ready again")
        assert get(server, "2.0.0").status_code == 404
        assert put(server, "2.0.0", body_of(3)).status_code == 201
        assert get(server, "2.0.0").content == body_of(3)

    def test_a_store_that_is_killed_under_load(self, server: GranaryServer, store: S3Store) -> None:
        outcomes: dict[int, int] = {}

        def publish(number: int) -> None:
            try:
                outcomes[number] = put(server, f"1.0.{number}", body_of(number)).status_code
            except requests.RequestException:
                outcomes[number] = 0

        with ThreadPoolExecutor(8) as pool:
            tasks = [pool.submit(publish, number) for number in range(200)]
            wait_until(lambda: len(outcomes) > 40, "some are published")
            store.kill()
            store.start()
            for task in tasks:
                task.result()
        wait_until(server.is_ready, "the server is ready again")
        assert {201, 503} >= set(outcomes.values())
        for number, status in outcomes.items():
            answer = get(server, f"1.0.{number}")
            if status == 201:
                assert answer.content == body_of(number), number
            else:
                assert answer.status_code == 404, number
        done = server.run_admin("fsck")
        assert done.returncode == 0, done.stdout + done.stderr

    def test_a_full_store(self, server: GranaryServer, store: S3Store) -> None:
        assert put(server, "1.0.0", body_of(1)).status_code == 201
        store.limit("1")
        try:
            def refused() -> bool:
                answer = put(server, f"2.0.{time.monotonic_ns()}", body_of(2))
                assert answer.status_code in (201, 507)
                return answer.status_code == 507

            wait_until(refused, "the store's quota takes effect", seconds=120)
            assert get(server, "1.0.0").content == body_of(1)
        finally:
            store.limit("-1")
        wait_until(lambda: put(server, f"3.0.{time.monotonic_ns()}", body_of(3)).status_code == 201, "there is room again",
                   seconds=120)

    @pytest.mark.parametrize(
        ("setting", "value", "sentence"),
        [
            ("GRANARY_S3_ENDPOINT", "http://127.0.0.1:1", "s3.endpoint"),
            ("GRANARY_S3_BUCKET", "no-such-bucket", "no such bucket"),
            ("GRANARY_S3_ACCESS_KEY", "unknown", "s3.access-key"),
            ("GRANARY_S3_SECRET_KEY", "unmistakable-secret", "s3.secret-key"),
            ("GRANARY_S3_BUCKET", "", "s3.bucket is missing"),
            ("GRANARY_S3_BUCKET", "no/bucket", "it must be"),
        ],
    )
    def test_a_store_that_can_not_be_used(
        self, store: S3Store, make_server: ServerFactory, setting: str, value: str, sentence: str
    ) -> None:
        server = make_server(environment=settings(store, "refused", **{setting: value}))
        server.launch()
        assert server.wait(60) != 0
        lines = server.stderr().splitlines()
        assert any(sentence in line for line in lines), lines
        for secret in ("unmistakable-secret", store.values["SECRET_KEY"]):
            assert secret not in server.stderr() + server.stdout()


class Secured(ForwardingProxy):
    """The store over HTTPS."""

    def __init__(self, store: S3Store, certificate: Path, key: Path) -> None:
        parts = urlsplit(store.values["ENDPOINT"])
        super().__init__((parts.hostname, parts.port))
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        self.url = f"https://localhost:{self.port}"

    def _forward(self, client: socket.socket) -> None:
        client.settimeout(10)
        try:
            with self.context.wrap_socket(client, server_side=True) as secured:
                super()._forward(secured)
        except OSError:
            client.close()

    def _copy(self, client: socket.socket, server: socket.socket) -> None:
        client.settimeout(0.1)
        server.settimeout(0.1)
        is_open = True
        while is_open and not self.closing.is_set():
            for source, target in [(client, server), (server, client)]:
                try:
                    data = source.recv(65_536)
                except TimeoutError:
                    continue
                if not data:
                    is_open = False
                    break
                target.sendall(data)


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "SSL_CERT_DIR", None])
def test_a_store_with_a_private_authority(
    store: S3Store, make_server: ServerFactory, tmp_path: Path, variable: str | None
) -> None:
    authority = Authority.make(tmp_path)
    trusted = tmp_path / "trusted"
    trusted.mkdir()
    (trusted / "authority.crt").write_bytes(authority.certificate.read_bytes())
    subprocess.run(["openssl", "rehash", trusted], check=True, timeout=60)
    trust = {"SSL_CERT_FILE": str(authority.certificate), "SSL_CERT_DIR": str(trusted)}
    with Secured(store, *authority.sign("store")) as secured:
        environment = settings(store, f"secured-{variable}", GRANARY_S3_ENDPOINT=secured.url)
        server = make_server(environment=environment | {variable: trust[variable]} if variable else environment)
        if variable is None:
            server.launch()
            assert server.wait(60) != 0
            assert "signed by a trusted authority" in server.stderr(), server.stderr()
            return
        server.start()
        assert put(server, "1.0.0", b"content").status_code == 201
        assert get(server, "1.0.0").content == b"content"
        server.stop()


def test_the_secret_is_never_shown(store: S3Store, binary: Path, server: GranaryServer) -> None:
    done = subprocess.run(
        [binary, "serve", "--print-config"],
        env=clean_environment(**settings(store, "printed")),
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert f"access-key: {store.values['ACCESS_KEY']}" in done.stdout
    assert store.values["SECRET_KEY"] not in done.stdout + done.stderr
    assert put(server, "1.0.0", body_of(1)).status_code == 201
    assert store.values["SECRET_KEY"] not in server.log_tail(10_000_000)
    for path in server.data.rglob("*"):
        if path.is_file():
            assert store.values["SECRET_KEY"].encode() not in path.read_bytes()
