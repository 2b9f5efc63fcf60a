# SPDX-License-Identifier: Apache-2.0
"""Digests: those that a client states are verified, and those that the registry states are right."""

from __future__ import annotations

import base64
import hashlib
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from granary_server import CURRENT, FOLDER, TARGET, GranaryServer
from raw_http import CREDENTIALS, RawConnection, head
from server_fixtures import NothingStaged, ServerFactory

pytestmark = [pytest.mark.hot_files_off, pytest.mark.scale_out]

BODY = b"the bytes that were meant\n" * 5_000
OTHER = b"some other bytes"


def hexadecimal(algorithm: str, data: bytes) -> str:
    return hashlib.new(algorithm, data).hexdigest()


def base_64(algorithm: str, data: bytes) -> str:
    return base64.b64encode(hashlib.new(algorithm, data).digest()).decode()


# A header that states a digest: its name, its algorithm, and its value for some content.
FIELDS: dict[str, tuple[str, str, Callable[[bytes], str]]] = {
    "Content-Digest sha-256": ("Content-Digest", "sha256", lambda data: f"sha-256=:{base_64('sha256', data)}:"),
    "Content-Digest sha-512": ("Content-Digest", "sha512", lambda data: f"sha-512=:{base_64('sha512', data)}:"),
    "Repr-Digest sha-256": ("Repr-Digest", "sha256", lambda data: f"sha-256=:{base_64('sha256', data)}:"),
    "Repr-Digest sha-512": ("Repr-Digest", "sha512", lambda data: f"sha-512=:{base_64('sha512', data)}:"),
    "Repr-Digest after an unknown one": (
        "Repr-Digest", "sha256", lambda data: f"unixsum=:AAA=:, sha-256=:{base_64('sha256', data)}:;p=1",
    ),
    "Digest SHA-256": ("Digest", "sha256", lambda data: f"SHA-256={base_64('sha256', data)}"),
    "Digest sha-512": ("Digest", "sha512", lambda data: f"sha-512={base_64('sha512', data)}"),
    "Digest MD5": ("Digest", "md5", lambda data: f"MD5={base_64('md5', data)}"),
    "Digest SHA": ("Digest", "sha1", lambda data: f"SHA={base_64('sha1', data)}"),
    "Content-MD5": ("Content-MD5", "md5", lambda data: base_64("md5", data)),
    "X-Checksum-Sha256": ("X-Checksum-Sha256", "sha256", lambda data: hexadecimal("sha256", data)),
    "X-Checksum-Sha1": ("X-Checksum-Sha1", "sha1", lambda data: hexadecimal("sha1", data)),
    "X-Checksum-Md5": ("X-Checksum-Md5", "md5", lambda data: hexadecimal("md5", data)),
    "X-Checksum-Sha512": ("X-Checksum-Sha512", "sha512", lambda data: hexadecimal("sha512", data).upper()),
    "X-Checksum of MD5": ("X-Checksum", "md5", lambda data: hexadecimal("md5", data)),
    "X-Checksum of SHA-1": ("X-Checksum", "sha1", lambda data: hexadecimal("sha1", data)),
    "X-Checksum of SHA-256": ("X-Checksum", "sha256", lambda data: hexadecimal("sha256", data)),
    "X-Checksum of SHA-512": ("X-Checksum", "sha512", lambda data: hexadecimal("sha512", data)),
}


def put(server: GranaryServer, headers: dict[str, str], target: str = TARGET, data: bytes = BODY) -> requests.Response:
    return server.http("admin").put(server.url + target, data=data, headers=headers, timeout=60)


def assert_nothing_stored(server: GranaryServer, nothing_staged: NothingStaged) -> None:
    nothing_staged(server)
    assert server.blob_names() == []
    assert server.http("admin").get(server.url + TARGET).status_code == 404


def test_a_wrong_digest_names_both_values_and_stores_nothing(
    server: GranaryServer, nothing_staged: NothingStaged
) -> None:
    for case, (name, algorithm, value) in FIELDS.items():
        refused = put(server, {name: value(OTHER)})
        assert refused.status_code == 400, case
        text = refused.text.lower()
        assert hexadecimal(algorithm, OTHER) in text, f"{case}: {refused.text}"
        assert hexadecimal(algorithm, BODY) in text, f"{case}: {refused.text}"
    assert_nothing_stored(server, nothing_staged)


def test_a_right_digest_is_accepted(server: GranaryServer) -> None:
    for number, (case, (name, _, value)) in enumerate(FIELDS.items()):
        target = TARGET.replace("1.0.0", f"1.0.{number}")
        accepted = put(server, {name: value(BODY)}, target)
        assert accepted.status_code == 201, f"{case}: {accepted.text}"
        assert server.http().get(server.url + target).content == BODY


MALFORMED = [
    ("Content-Digest", "sha-256=abc"),
    ("Content-Digest", "sha-256=:AAAA:"),
    ("Content-Digest", "sha-512=:not base64:"),
    ("Repr-Digest", "sha-256"),
    ("Repr-Digest", "sha-256=:" + "A" * 44 + ":"),
    ("Content-Digest", "???"),
    ("Repr-Digest", "???"),
    ("Repr-Digest", "0" * 64),
    ("Digest", "???"),
    ("Digest", "SHA-256=xyz"),
    ("Digest", "SHA-256="),
    ("Content-MD5", "0" * 31),
    ("Content-MD5", ""),
    ("X-Checksum-Sha256", "abc"),
    ("X-Checksum-Sha256", "z" * 64),
    ("X-Checksum-Sha1", "0" * 64),
    ("X-Checksum-Md5", "0" * 33),
    ("X-Checksum-Sha512", "0" * 127),
    ("X-Checksum", "0" * 50),
]


def test_a_malformed_digest_is_named_before_the_body(server: GranaryServer, nothing_staged: NothingStaged) -> None:
    for name, value in MALFORMED:
        with RawConnection(server.url) as connection:
            expecting = {name: value, "Content-Length": str(len(BODY)), "Expect": "100-continue"}
            connection.send(head("PUT", TARGET, CREDENTIALS | expecting))
            answer = connection.receive("PUT")
        assert (answer.status, answer.interim) == (400, []), f"{name}: {value}"
        assert name.lower() in answer.text.lower(), f"{name}: {value}: {answer.text}"
    assert_nothing_stored(server, nothing_staged)


def test_two_digests_that_disagree_are_refused(server: GranaryServer, nothing_staged: NothingStaged) -> None:
    right, wrong = hexadecimal("sha256", BODY), hexadecimal("sha256", OTHER)
    pairs: list[list[tuple[str, str]]] = [
        [("X-Checksum-Sha256", right), ("Repr-Digest", f"sha-256=:{base_64('sha256', OTHER)}:")],
        [("X-Checksum-Sha256", right), ("X-Checksum-Sha256", wrong)],
        [("X-Checksum", wrong), ("Digest", f"SHA-256={base_64('sha256', BODY)}")],
        [("Digest", f"SHA-256={base_64('sha256', BODY)},SHA-256={base_64('sha256', OTHER)}")],
        [("Content-MD5", base_64("md5", BODY)), ("X-Checksum-Md5", hexadecimal("md5", OTHER))],
    ]
    for fields in pairs:
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields).encode()
        with RawConnection(server.url) as connection:
            request = head("PUT", TARGET, CREDENTIALS | {"Content-Length": str(len(BODY)), "Expect": "100-continue"})
            connection.send(request.removesuffix(b"\r\n") + lines + b"\r\n")
            answer = connection.receive("PUT")
        assert (answer.status, answer.interim) == (400, []), fields
        assert any(name.lower() in answer.text.lower() for name, _ in fields), answer.text
    assert_nothing_stored(server, nothing_staged)
    # Of two algorithms, one that is wrong is enough.
    refused = put(server, {"X-Checksum-Sha256": right, "X-Checksum-Md5": hexadecimal("md5", OTHER)})
    assert refused.status_code == 400
    assert hexadecimal("md5", OTHER) in refused.text
    assert_nothing_stored(server, nothing_staged)
    agreeing = {"X-Checksum-Sha256": right.upper(), "Digest": f"sha-256={base_64('sha256', BODY)}"}
    assert put(server, agreeing | {"X-Checksum-Md5": hexadecimal("md5", BODY)}).status_code == 201


@pytest.mark.parametrize("mode", ["on", "off"])
def test_downloads_state_their_digest(make_server: ServerFactory, mode: str) -> None:
    server = make_server(options=["--cache-hot-files", mode]).start()
    assert put(server, {}).status_code == 201
    etag = f'"{hexadecimal("sha256", BODY)}"'
    session = server.http()
    requests_ = [
        ("GET", {}, 200), ("GET", {}, 200), ("HEAD", {}, 200), ("GET", {"Range": "bytes=1-9"}, 206),
        ("GET", {"Range": "bytes=1-9,11-19"}, 206), ("GET", {"If-None-Match": etag}, 304),
    ]
    for method, headers, status in requests_:
        answer = session.request(method, server.url + TARGET, headers=headers)
        assert answer.status_code == status
        assert answer.headers["ETag"] == etag
        assert answer.headers["Repr-Digest"] == f"sha-256=:{base_64('sha256', BODY)}:"
        assert answer.headers["Digest"] == f"SHA-256={base_64('sha256', BODY)}"
        assert answer.headers["X-Checksum-Sha256"] == hexadecimal("sha256", BODY)


def test_checksum_files_are_what_coreutils_check(make_server: ServerFactory, tmp_path: Path) -> None:
    server = make_server(options=CURRENT).start()
    names = {"tool.bin": BODY, "a file (1).txt": OTHER, "empty": b"", "tool+extra.tar.gz": BODY + OTHER}
    base = server.url + FOLDER
    for name, data in names.items():
        assert server.http("admin").put(base + requests.utils.quote(name), data=data).status_code == 201
        (tmp_path / name).write_bytes(data)
    for sums, program in {"SHA256SUMS": "sha256sum", "SHA512SUMS": "sha512sum"}.items():
        answer = server.http().get(base + sums)
        assert (answer.status_code, len(answer.text.splitlines())) == (200, len(names))
        check(program, answer.text, tmp_path)
    for name in names:
        answer = server.http().get(base + requests.utils.quote(name) + ".sha256")
        assert (answer.status_code, len(answer.text.splitlines())) == (200, 1)
        check("sha256sum", answer.text, tmp_path)
    assert server.http().get(base + "absent.sha256").status_code == 404
    assert server.http().get(server.version_url("admin", "tool", "9.9.9") + "/SHA256SUMS").status_code == 404
    (tmp_path / "tool.bin").write_bytes(OTHER)
    listed = server.http().get(base + "SHA256SUMS").text
    done = subprocess.run(["sha256sum", "-c", "-"], input=listed, cwd=tmp_path, text=True, capture_output=True)
    assert done.returncode == 1 and "tool.bin: FAILED" in done.stdout


@pytest.mark.parametrize("length", [247, 248, 249, 254, 255])
def test_the_longest_names_have_a_checksum_file(server: GranaryServer, tmp_path: Path, length: int) -> None:
    base = server.url + FOLDER
    name = "n" * length
    (tmp_path / name).write_bytes(BODY)
    assert server.http("admin").put(base + name, data=BODY).status_code == 201
    answer = server.http().get(base + name + ".sha256")
    assert answer.status_code == 200, answer.text
    check("sha256sum", answer.text, tmp_path)
    if length < 249:
        return
    # It is read, never published.
    refused = server.http("admin").put(base + name + ".sha256", data=BODY)
    assert refused.status_code == 400 and "255 bytes" in refused.text
    assert server.http().get(base + "n" * 256 + ".sha256").status_code == 400


def check(program: str, text: str, folder: Path) -> None:
    """Lets coreutils check the files in a folder."""
    done = subprocess.run([program, "--strict", "-c", "-"], input=text, cwd=folder, text=True, capture_output=True)
    assert done.returncode == 0, f"{program}: {done.stdout}{done.stderr}\n{text}"


def test_a_published_file_wins_over_a_checksum_file(make_server: ServerFactory) -> None:
    server = make_server(options=CURRENT).start()
    base = server.url + FOLDER
    real = {"tool.bin": BODY, "SHA256SUMS": b"mine\n", "SHA512SUMS": b"mine, too\n", "tool.bin.sha256": b"and this\n"}
    for name, data in real.items():
        assert server.http("admin").put(base + name, data=data).status_code == 201
    for name, data in real.items():
        answer = server.http().get(base + name)
        assert (answer.content, answer.headers["ETag"]) == (data, f'"{hexadecimal("sha256", data)}"')
    # Gone, it gives way to the one that nobody published, at once.
    assert server.http("admin").delete(base + "SHA256SUMS").status_code == 204
    assert hexadecimal("sha256", BODY) in server.http().get(base + "SHA256SUMS").text


def test_checksum_files_are_as_private_as_their_version(server: GranaryServer) -> None:
    server.create_user("hermit", "--visibility", "private")
    target = TARGET.replace("/admin/", "/hermit/")
    assert put(server, {}, target).status_code == 201
    for name in ("SHA256SUMS", "SHA512SUMS", "tool.bin.sha256"):
        url = server.url + target.replace("tool.bin", name)
        assert server.http().get(url).status_code == 401
        assert server.http("hermit").get(url).status_code == 200
