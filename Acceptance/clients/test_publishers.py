# SPDX-License-Identifier: Apache-2.0
"""Programs that publish releases: woodpecker-to-forgejo itself, and byte by byte what goreleaser and JReleaser send."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from granary_server import CONTRACTS, GranaryServer
from hashing import sha256
from raw_http import Answer, RawConnection, basic
from server_fixtures import ServerFactory
from waiting import clean_environment

FILES = [f"tool_1.0.0_{system}_{machine}.tar.gz" for system in ("linux", "darwin", "windows", "freebsd")
         for machine in ("amd64", "arm64")]
FOLDER = "/api/packages/robot/generic/tool/1.0.0"


@pytest.fixture
def make_registry(make_server_on_each: ServerFactory) -> ServerFactory:
    """Makes a running server of a contract, with the account that publishes."""

    def make(contract: str) -> GranaryServer:
        server = make_server_on_each(options=["--contract", contract]).start()
        server.create_user("robot")
        return server

    return make


# woodpecker-to-forgejo

def woodpecker(server: GranaryServer, token: str, *files: Path) -> subprocess.CompletedProcess[str]:
    """Runs the plug-in as a pipeline does: with its settings in the environment."""
    return subprocess.run(
        [str(Path(sys.executable).with_name("woodpecker-to-forgejo")), *map(str, files)],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120,
        env=clean_environment(PLUGIN_FORGEJO_URL=server.url, PLUGIN_OWNER="robot", PLUGIN_API_TOKEN=token),
    )


def test_woodpecker_publishes_its_files(make_registry: ServerFactory, tmp_path: Path) -> None:
    server = make_registry("current")
    token = server.create_token("robot", "write:package")
    sources = {name: f"content of {name}".encode() * 1000 for name in ("tool.tar.gz", "tool.deb")}
    for name, content in sources.items():
        (tmp_path / name).write_bytes(content)
    for _ in range(2):
        # A pipeline that is run again sends the same bytes and succeeds.
        done = woodpecker(server, token, tmp_path / "tool.tar.gz", tmp_path / "tool.deb")
        assert done.returncode == 0 and "publication complete" in done.stdout, done.stdout + done.stderr
    for name, content in sources.items():
        assert server.http().get(server.file_url("robot", "generic-artifact", "latest", name)).content == content
    (tmp_path / "tool.deb").write_bytes(b"other content")
    done = woodpecker(server, token, tmp_path / "tool.deb")
    assert done.returncode != 0 and "409" in done.stderr, done.stderr


def test_woodpecker_is_told_what_it_may_not(make_registry: ServerFactory, tmp_path: Path) -> None:
    server = make_registry("documented")
    (tmp_path / "tool.deb").write_bytes(b"content")
    # Its version is always "latest", which is none under this contract.
    done = woodpecker(server, server.create_token("robot", "write:package"), tmp_path / "tool.deb")
    assert done.returncode != 0 and "400" in done.stderr, done.stderr
    done = woodpecker(server, server.create_token("robot", "read:package", name="reader"), tmp_path / "tool.deb")
    assert done.returncode != 0 and "403" in done.stderr, done.stderr
    assert server.http().get(f"{server.url}/api/granary/v1/packages/robot").json()["packages"] == []


# goreleaser

def goreleaser(server: GranaryServer, token: str, file: str, content: bytes, checksum: str | None = None) -> Answer:
    """One upload of goreleaser's, as Go's HTTP client writes it."""
    head = (
        f"PUT {FOLDER}/{file} HTTP/1.1\r\n"
        f"Host: {urlsplit(server.url).netloc}\r\n"
        "User-Agent: Go-http-client/1.1\r\n"
        f"Content-Length: {len(content)}\r\n"
        f"Authorization: {basic('robot', token)}\r\n"
        f"X-Checksum-Sha256: {checksum or sha256(content)}\r\n"
        "Accept-Encoding: gzip\r\n"
        "\r\n"
    )
    with RawConnection(server.url) as connection:
        connection.send(head.encode() + content)
        return connection.receive("PUT")


def is_tried_again(answer: Answer) -> bool:
    """goreleaser tries again what the server could not do now, and takes every other refusal for final."""
    return answer.status == 429 or answer.status >= 500


def content_of(file: str) -> bytes:
    return hashlib.sha256(file.encode()).digest() * 5000


def release(server: GranaryServer, token: str) -> list[Answer]:
    """Uploads all files of a release at once."""
    with ThreadPoolExecutor(len(FILES)) as pool:
        return list(pool.map(lambda file: goreleaser(server, token, file, content_of(file)), FILES))


def test_goreleaser_publishes_a_release_in_parallel(make_registry: ServerFactory) -> None:
    server = make_registry("current")
    token = server.create_token("robot", "write:package")
    assert Counter(answer.status for answer in release(server, token)) == {201: len(FILES)}
    # A job that is run again finds everything there.
    assert Counter(answer.status for answer in release(server, token)) == {200: len(FILES)}
    for file in FILES:
        assert server.http().get(server.file_url("robot", "tool", "1.0.0", file)).content == content_of(file)
    assert [one["name"] for one in server.record("robot", "tool", "1.0.0")["files"]] == sorted(FILES)


def test_goreleaser_takes_no_refusal_for_a_passing_fault(make_registry: ServerFactory) -> None:
    server = make_registry("current")
    token = server.create_token("robot", "write:package")
    reader = server.create_token("robot", "read:package", name="reader")
    file = FILES[0]
    assert goreleaser(server, token, file, b"first").status == 201
    refusals = [
        (goreleaser(server, token, file, b"other"), 409, sha256(b"first")),
        (goreleaser(server, token, FILES[1], b"x", checksum="0" * 64), 400, sha256(b"x")),
        (goreleaser(server, token, FILES[1], b"x", checksum="nonsense"), 400, "nonsense"),
        (goreleaser(server, reader, FILES[1], b"x"), 403, "write:package"),
        (goreleaser(server, "grn_" + "0" * 64, FILES[1], b"x"), 401, ""),
    ]
    for answer, status, text in refusals:
        assert answer.status == status and text in answer.text and answer.body, (answer, status)
        assert not is_tried_again(answer)
    assert [one["name"] for one in server.record("robot", "tool", "1.0.0")["files"]] == [file]


def test_goreleaser_against_a_version_that_never_changes(make_registry: ServerFactory) -> None:
    server = make_registry("documented")
    token = server.create_token("robot", "write:package")
    answers = release(server, token)
    assert Counter(answer.status for answer in answers) == {201: 1, 400: len(FILES) - 1}
    assert not any(is_tried_again(answer) for answer in answers)
    assert len(server.record("robot", "tool", "1.0.0")["files"]) == 1


# JReleaser

def jreleaser(
    server: GranaryServer, token: str, content: bytes, owner: str = "robot", version: str = "1.0.0"
) -> tuple[Answer, bool]:
    """One upload of JReleaser's, as Java's HTTP client writes it: the body goes only where it is asked for."""
    head = (
        f"PUT /api/packages/{owner}/generic/tool/{version}/tool.zip HTTP/1.1\r\n"
        "Accept: */*\r\n"
        f"Authorization: token {token}\r\n"
        "User-Agent: jreleaser/1.17.0\r\n"
        "Content-Type: application/zip\r\n"
        "Expect: 100-continue\r\n"
        f"Host: {urlsplit(server.url).netloc}\r\n"
        "Connection: keep-alive\r\n"
        f"Content-Length: {len(content)}\r\n"
        "\r\n"
    )
    with RawConnection(server.url) as connection:
        connection.send(head.encode())
        was_asked = connection.is_asked_for_body()
        if was_asked:
            connection.send(content)
        return connection.receive("PUT"), was_asked


@pytest.mark.parametrize("contract", CONTRACTS)
def test_jreleaser_publishes_and_reads_why_not(make_registry: ServerFactory, contract: str) -> None:
    server = make_registry(contract)
    server.create_user("closed", "--visibility", "private")
    token = server.create_token("robot", "write:package")
    content = b"zip" * 100_000
    answer, was_asked = jreleaser(server, token, content)
    assert (answer.status, was_asked) == (201, True)
    assert server.http().get(server.file_url("robot", "tool", "1.0.0", "tool.zip")).content == content
    refusals = [
        (jreleaser(server, token, b"other bytes", version="1.0.0"), 409 if contract == "current" else 400),
        (jreleaser(server, token, b"x", version="%20"), 400),
        (jreleaser(server, token, b"x", owner="closed"), 404),
        (jreleaser(server, token, b"x", owner="admin"), 403),
        (jreleaser(server, "grn_" + "0" * 64, b"x"), 401),
    ]
    for (answer, was_asked), status in refusals:
        assert answer.status == status, answer
        # JReleaser shows the body of every refusal.
        assert len(answer.text.split()) > 3, answer
        # Whether the bytes are those that are there can only be told by them.
        assert not was_asked or status == 409, answer
