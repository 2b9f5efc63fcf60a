# SPDX-License-Identifier: Apache-2.0
"""Programs that other people wrote, unmodified, fetch and publish through their own ways of speaking HTTP."""

from __future__ import annotations

import filecmp
import os
import random
import re
import socket
import subprocess
from pathlib import Path

import pytest

from curl import curl
from granary_server import ADMIN_PASSWORD, CURRENT, GranaryServer
from hashing import sha256
from programs import run
from server_fixtures import ServerFactory
from sizes import MEBIBYTE
from tcp_proxy import CuttingProxy
from waiting import clean_environment

SIZE = 24 * MEBIBYTE
NAME = "tool.tar"


class FlippingProxy(CuttingProxy):
    """Changes one byte of what the server sends, behind the first `flip_after` bytes of one connection."""

    def __init__(self, url: str, flip_after: int) -> None:
        super().__init__(url)
        self.flip_after = flip_after
        self.flips = 0

    def _forward(self, client: socket.socket) -> None:
        with client, FlippedSocket(self, client) as flipped, socket.create_connection(self.target, 10) as server:
            try:
                self._copy(flipped, server)
            except OSError:
                return


class FlippedSocket(socket.socket):
    """A client's connection on which one byte goes wrong."""

    def __init__(self, proxy: FlippingProxy, client: socket.socket) -> None:
        super().__init__(client.family, client.type, fileno=os.dup(client.fileno()))
        self.proxy = proxy
        self.passed = 0

    def sendall(self, data: bytes, flags: int = 0) -> None:
        self.passed += len(data)
        with self.proxy.lock:
            flips = not self.proxy.flips and self.passed > self.proxy.flip_after
            self.proxy.flips += flips
        super().sendall(data[:-1] + bytes([data[-1] ^ 1]) if flips else data, flags)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("source") / NAME
    path.write_bytes(random.Random("clients").randbytes(SIZE))
    return path


@pytest.fixture
def published(make_server: ServerFactory, source: Path) -> GranaryServer:
    """A server with the file in a public package."""
    server = make_server(options=CURRENT).start()
    with open(source, "rb") as file:
        assert server.http("admin").put(url_of(server), data=file).status_code == 201
    return server


def url_of(server: GranaryServer, name: str = NAME) -> str:
    return server.file_url("admin", "tool", "1.0.0+build.5", name)


def assert_same(source: Path, target: Path) -> None:
    assert filecmp.cmp(source, target, shallow=False), "the client got other bytes"


def aria2(url: str, target: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["aria2c", "--no-conf", "-x16", "-s16", "-k1M", "--file-allocation=none", "--max-tries=1",
         "--summary-interval=0", "--auto-file-renaming=false", "-d", str(target.parent), "-o", target.name, url],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, env=clean_environment(), timeout=60,
    )


def test_aria2_with_16_connections_verifies_the_digest(
    published: GranaryServer, source: Path, tmp_path: Path
) -> None:
    done = aria2(url_of(published), tmp_path / "good")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Verif" in done.stdout, f"aria2 found no digest to verify\n{done.stdout}"
    assert_same(source, tmp_path / "good")


def test_aria2_fails_when_one_byte_is_flipped(published: GranaryServer, tmp_path: Path) -> None:
    with FlippingProxy(published.url, flip_after=MEBIBYTE // 2) as proxy:
        done = aria2(url_of(published).replace(published.url, proxy.url), tmp_path / "bad")
    assert proxy.flips == 1
    assert done.returncode == 32, f"aria2 was to find a wrong checksum: {done.returncode}\n{done.stdout[-2000:]}"


def test_wget2_fetches_in_chunks(published: GranaryServer, source: Path, tmp_path: Path) -> None:
    run("wget2", "--no-config", "-q", "--chunk-size=3M", "--max-threads=4", "-O", tmp_path / NAME, url_of(published))
    assert_same(source, tmp_path / NAME)


def test_wget_goes_on_and_leaves_alone_what_is_current(
    published: GranaryServer, source: Path, tmp_path: Path
) -> None:
    (tmp_path / NAME).write_bytes(source.read_bytes()[: SIZE // 3])
    done = run("wget", "--no-config", "-S", "-c", "-P", tmp_path, url_of(published))
    assert " 206 " in done.stderr
    assert_same(source, tmp_path / NAME)
    assert " 416 " in run("wget", "--no-config", "-S", "-c", "-P", tmp_path, url_of(published)).stderr
    done = run("wget", "--no-config", "-S", "-N", "-P", tmp_path, url_of(published))
    assert " 304 " in done.stderr
    assert_same(source, tmp_path / NAME)


def test_lftp_puts_and_gets(published: GranaryServer, source: Path, tmp_path: Path) -> None:
    folder = published.version_url("admin", "lftp", "2.0.0+build.5").removeprefix(published.url)
    # Without a web site there is no / that lftp could enter.
    settings = "set net:max-retries 1; set cmd:fail-exit true; set cmd:verify-path false; "
    opened = f"open -u admin,{ADMIN_PASSWORD} {published.url}; "
    run("lftp", "--norc", "-c", f"{settings}{opened}put {source} -o {folder}/{NAME}")
    run("lftp", "--norc", "-c", f"{settings}{opened}get {folder}/{NAME} -o {tmp_path / NAME}")
    assert_same(source, tmp_path / NAME)
    versions = published.http().get(f"{published.url}/api/granary/v1/packages/admin/lftp").json()["versions"]
    assert [version["version"] for version in versions] == ["2.0.0+build.5"]
    (tmp_path / "part").write_bytes(source.read_bytes()[: SIZE // 2])
    run("lftp", "--norc", "-c", f"{settings}{opened}get -c {folder}/{NAME} -o {tmp_path / 'part'}")
    assert_same(source, tmp_path / "part")
    segmented = f"{settings}{opened}pget -n 4 {folder}/{NAME} -o {tmp_path / 'segmented'}"
    run("lftp", "--norc", "-c", segmented)
    assert_same(source, tmp_path / "segmented")


def test_rclone_copies_one_file(published: GranaryServer, source: Path, tmp_path: Path) -> None:
    common = ("--config", "", "--retries", "1")
    run("rclone", *common, "copyurl", url_of(published), tmp_path / "by-url")
    assert_same(source, tmp_path / "by-url")
    base = url_of(published, "")
    for threads, folder in (("0", tmp_path / "one"), ("4", tmp_path / "four")):
        streams = ("--multi-thread-streams", threads, "--multi-thread-cutoff", "1M")
        run("rclone", *common, *streams, "--http-url", base, "copy", f":http:{NAME}", folder)
        assert_same(source, folder / NAME)
    # What is there already is not fetched again: size and time are those that the registry states.
    done = run("rclone", *common, "-v", "--http-url", base, "copy", f":http:{NAME}", tmp_path / "one")
    assert "Copied" not in done.stderr


def test_zsync_fetches_only_what_changed(published: GranaryServer, source: Path, tmp_path: Path) -> None:
    run("zsyncmake", "-u", url_of(published), "-o", tmp_path / f"{NAME}.zsync", source)
    control = url_of(published, f"{NAME}.zsync")
    with open(tmp_path / f"{NAME}.zsync", "rb") as file:
        assert published.http("admin").put(control, data=file).status_code == 201
    old = bytearray(source.read_bytes())
    for offset in range(0, SIZE, SIZE // 60):
        old[offset:offset + 500] = bytes(500)
    (tmp_path / "old").write_bytes(old)
    done = subprocess.run(
        ["zsync", "-i", tmp_path / "old", "-o", tmp_path / "new", control], cwd=tmp_path, capture_output=True,
        text=True, env=clean_environment(), timeout=20,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert_same(source, tmp_path / "new")
    fetched = re.search(r"used \d+ local, fetched (\d+)", done.stdout)
    assert fetched and int(fetched.group(1)) < MEBIBYTE, done.stdout


def test_ansible_verifies_against_the_checksum_file(
    published: GranaryServer, source: Path, tmp_path: Path
) -> None:
    target = tmp_path / NAME

    def get_url(*options: str) -> str:
        arguments = " ".join([f"url={url_of(published)}", f"dest={target}", *options])
        done = subprocess.run(
            ["ansible", "localhost", "-c", "local", "-m", "ansible.builtin.get_url", "-a", arguments],
            capture_output=True, text=True, timeout=60,
            env=clean_environment(HOME=str(tmp_path), ANSIBLE_LOCALHOST_WARNING="0", LC_ALL="C.UTF-8"),
        )
        return f"{done.returncode}\n{done.stdout}{done.stderr}"

    assert '"changed": true' in get_url(f"checksum=sha256:{url_of(published, 'SHA256SUMS')}")
    assert_same(source, target)
    assert '"changed": false' in get_url(f"checksum=sha512:{url_of(published, 'SHA512SUMS')}")
    wrong = sha256(b"something else")
    assert "did not match" in get_url(f"checksum=sha256:{wrong}", "force=yes")


def test_curl_resumes(published: GranaryServer, source: Path, tmp_path: Path) -> None:
    target = tmp_path / NAME
    target.write_bytes(source.read_bytes()[:7_654_321])
    run("curl", "-q", "-sS", "--fail", "-C", "-", "-o", target, url_of(published))
    assert_same(source, target)
    # Nothing is left to fetch: curl takes the 416 for what it is.
    run("curl", "-q", "-sS", "-C", "-", "-o", target, url_of(published))
    assert_same(source, target)


def test_curl_fetches_only_what_is_new(published: GranaryServer, source: Path, tmp_path: Path) -> None:
    target, etag = tmp_path / NAME, tmp_path / "etag"
    first = curl("-R", "--etag-save", etag, url_of(published), output=target)
    assert first.status == 200
    assert etag.read_text().strip() == first.headers["etag"]
    by_date = curl("-z", target, url_of(published), output=tmp_path / "by-date")
    assert (by_date.status, (tmp_path / "by-date").exists()) == (304, False)
    by_etag = curl("--etag-compare", etag, url_of(published), output=tmp_path / "by-etag")
    assert (by_etag.status, by_etag.body) == (304, b"")
    os.utime(target, (0, 0))
    assert curl("-z", target, url_of(published), output=tmp_path / "by-date").status == 200
    etag.write_text('"something else"\n')
    assert curl("--etag-compare", etag, url_of(published), output=tmp_path / "by-etag").status == 200
    assert_same(source, tmp_path / "by-etag")
