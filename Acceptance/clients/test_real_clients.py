# SPDX-License-Identifier: Apache-2.0
"""Real files, published by curl and downloaded by curl, wget and aria2, byte by byte the same."""

from __future__ import annotations

import filecmp
import hashlib
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from curl import curl
from granary_server import USER_PASSWORD, GranaryServer
from programs import run
from sizes import GIBIBYTE, MEBIBYTE


@pytest.fixture(scope="session")
def gibibyte(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """1 GiB from a keyed generator: neither zeros nor repeated, and the same in every run."""
    path = tmp_path_factory.mktemp("gibibyte") / "disk.img"
    generator = random.Random("granary acceptance")
    with open(path, "wb") as file:
        for _ in range(GIBIBYTE // MEBIBYTE):
            file.write(generator.randbytes(MEBIBYTE))
    return path


@pytest.fixture
def source(request: pytest.FixtureRequest, binary: Path, tmp_path: Path) -> Path:
    """The file named by the test's parameter."""
    if request.param == "the granary binary":
        return binary
    if request.param == "a Debian package":
        return request.getfixturevalue("debian_package")
    if request.param == "1 GiB":
        return request.getfixturevalue("gibibyte")
    path = tmp_path / "small.bin"
    path.write_bytes({"an empty file": b"", "one byte": b"\n"}[request.param])
    return path


SOURCES = ["the granary binary", "a Debian package", "1 GiB", "an empty file", "one byte"]


def download_with_curl(url: str, target: Path, token: str) -> None:
    run("curl", "-q", "-sS", "--fail", "-H", f"Authorization: token {token}", "-o", target, url)


def download_with_wget(url: str, target: Path, token: str) -> None:
    done = run("wget", "--no-config", "-S", "--tries=1", "--user=robot", f"--password={USER_PASSWORD}", "-O", target,
               url)
    assert "401" in done.stderr, "wget was to be asked for its password by a challenge"


def download_with_aria2(url: str, target: Path, token: str) -> None:
    run("aria2c", "--no-conf", "-q", "-x4", "-s4", "--min-split-size=1M", "--file-allocation=none", "--max-tries=1",
        "--http-user=robot", f"--http-passwd={token}", "-d", target.parent, "-o", target.name, url)


DOWNLOADERS: list[Callable[[str, Path, str], None]] = [download_with_curl, download_with_wget, download_with_aria2]


@pytest.mark.timeout(360)
@pytest.mark.parametrize("source", SOURCES, indirect=True)
def test_files_come_back_byte_by_byte(server: GranaryServer, source: Path, tmp_path: Path) -> None:
    server.create_user("robot", "--visibility", "private")
    token = server.create_token("robot", "write:package")
    name = source.name.lower().replace("+", "-").replace("~", "-")
    uploads = {
        "1.0.0": ["-u", f"robot:{USER_PASSWORD}", "-T", source],
        "1.0.1": ["-u", f"robot:{token}", "-T", "-"],
        "1.0.2": ["-H", f"Authorization: token {token}", "-T", source],
        "1.0.3": ["-H", f"Authorization: Bearer {token}", "-T", "-"],
    }
    if source.stat().st_size == GIBIBYTE:
        uploads = {version: uploads[version] for version in ("1.0.0", "1.0.3")}
    for version, arguments in uploads.items():
        url = server.file_url("robot", "files", version, name)
        assert curl(*arguments, url, stdin=source).status == 201, version

    for version in uploads:
        url = server.file_url("robot", "files", version, name)
        downloaders = DOWNLOADERS if version == "1.0.0" else [download_with_curl]
        for download in downloaders:
            target = tmp_path / "downloaded"
            download(url, target, token)
            assert filecmp.cmp(source, target, shallow=False), f"{download.__name__} of {version} gave other bytes"
            target.unlink()

    with open(source, "rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    for version in uploads:
        record = server.record("robot", "files", version)["files"][0]
        assert (record["size"], record["sha256"]) == (source.stat().st_size, sha256)


def test_the_same_content_is_kept_once(server: GranaryServer, debian_package: Path) -> None:
    server.create_user("robot")
    for number in range(5):
        url = server.file_url("robot", f"copy-{number}", "1.0.0", "hello.deb")
        assert curl("-u", f"robot:{USER_PASSWORD}", "-T", debian_package, url).status == 201
    sha256 = hashlib.sha256(debian_package.read_bytes()).hexdigest()
    assert [path.name.partition(".")[0] for path in server.blob_files()] == [sha256]


def test_memory_does_not_grow_with_the_file(server: GranaryServer, gibibyte: Path) -> None:
    server.create_user("robot")
    url = server.file_url("robot", "files", "1.0.0", "disk.img")
    before = server.memory("VmHWM")
    assert curl("-u", f"robot:{USER_PASSWORD}", "-T", gibibyte, url).status == 201
    run("curl", "-q", "-sS", "--fail", "-u", f"robot:{USER_PASSWORD}", "-o", "/dev/null", url)
    grown = server.memory("VmHWM") - before
    assert grown < 192 * MEBIBYTE, f"the server's peak memory grew by {grown / MEBIBYTE:.0f} MiB"
