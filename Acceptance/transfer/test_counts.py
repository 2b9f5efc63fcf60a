# SPDX-License-Identifier: Apache-2.0
"""Downloads are counted when they are complete, each once, and the counts survive the end of the process."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from curl import curl
from granary_server import GranaryServer
from programs import run
from raw_http import RawConnection, head
from server_fixtures import ServerFactory
from sizes import MEBIBYTE
from waiting import wait_until

pytestmark = [pytest.mark.hot_files_off, pytest.mark.scale_out]

SIZE = 32 * MEBIBYTE
NAME = "tool.bin"


@pytest.fixture(scope="module")
def content() -> bytes:
    return random.Random("counts").randbytes(SIZE)


@pytest.fixture(params=["on", "off"])
def counting(make_server: ServerFactory, request: pytest.FixtureRequest, content: bytes) -> GranaryServer:
    """A server with one file in each of several versions, with hot files and without."""
    server = make_server(options=["--cache-hot-files", request.param]).start()
    for number in range(10):
        assert server.http("admin").put(url_of(server, number), data=content[: size_of(number)]).status_code == 201
    return server


def size_of(number: int) -> int:
    """The files of the even versions are large."""
    return 5_000 if number % 2 else SIZE


def url_of(server: GranaryServer, number: int) -> str:
    return server.file_url("admin", "tool", f"1.0.{number}", NAME)


def count_of(server: GranaryServer, number: int) -> int:
    (file,) = server.record("admin", "tool", f"1.0.{number}")["files"]
    return file["download_count"]


def assert_counts(server: GranaryServer, expected: dict[int, int]) -> None:
    """Waits until the counts have been written, and for a moment more, so that none comes too many."""
    def counts() -> dict[int, int]:
        return {number: count_of(server, number) for number in expected}

    wait_until(lambda: all(counts()[number] >= expected[number] for number in expected),
               f"the counts become {expected}, now {counts()}", seconds=5)
    time.sleep(1.2)
    assert counts() == expected


def test_only_completed_downloads_count(counting: GranaryServer, content: bytes, tmp_path: Path) -> None:
    session = counting.http()
    for number in (0, 1):
        url, size = url_of(counting, number), size_of(number)
        for _ in range(3):
            assert len(session.get(url).content) == size
        etag = session.head(url).headers["ETag"]
        for headers, status in (
            ({"If-None-Match": etag}, 304),
            ({"Range": f"bytes=0-{size // 2 - 1}"}, 206),
            ({"Range": "bytes=0-0"}, 206),
            ({"Range": f"bytes=0-9,100-{size // 2}"}, 206),
            ({"Range": f"bytes={size}-"}, 416),
            ({"If-Match": '"other"'}, 412),
        ):
            assert session.get(url, headers=headers).status_code == status
        assert session.get(url + ".sha256").status_code == 200
    # A download that breaks off is none.
    for _ in range(3):
        with RawConnection(counting.url) as connection:
            connection.send(head("GET", url_of(counting, 2).removeprefix(counting.url)))
            assert connection.socket.recv(1000)
            connection.reset()
    # Resumed, it is one.
    target = tmp_path / "resumed"
    target.write_bytes(session.get(url_of(counting, 4), headers={"Range": "bytes=0-9999999"}).content)
    run("curl", "-q", "-sS", "--fail", "-C", "-", "-o", target, url_of(counting, 4))
    assert target.read_bytes() == content
    # And so it is in segments, also when the last of them is split once more while it is on its way.
    for least in ("1M", "2M", "4M"):
        run("aria2c", "--no-conf", "-q", "-x16", "-s16", "-k", least, "--file-allocation=none", "-d", tmp_path, "-o", least,
            url_of(counting, 6))
        assert (tmp_path / least).read_bytes() == content
    assert curl("-I", url_of(counting, 8)).status == 200
    assert_counts(counting, {0: 3, 1: 3, 2: 0, 4: 1, 6: 3, 8: 0, 3: 0})


def test_counts_are_exact_when_many_download_at_once(counting: GranaryServer, tmp_path: Path) -> None:
    urls = [part for number in range(200) for part in ("-o", "/dev/null", url_of(counting, 1 + 2 * (number % 4)))]
    run("curl", "-q", "-sS", "--fail", "--parallel", "--parallel-max", "16", *urls)
    assert_counts(counting, {1: 50, 3: 50, 5: 50, 7: 50, 9: 0})


def test_counts_survive_a_stop(counting: GranaryServer) -> None:
    session = counting.http()
    for number in (0, 1, 1):
        session.get(url_of(counting, number))
    session.close()
    counting.restart()
    assert {number: count_of(counting, number) for number in (0, 1)} == {0: 1, 1: 2}


def test_a_crash_loses_the_last_second_at_most(counting: GranaryServer) -> None:
    for _ in range(5):
        counting.http().get(url_of(counting, 1))
    # What the record shows is in the database; that it comes once a second is a bound only on a disk that keeps up.
    wait_until(lambda: count_of(counting, 1) == 5, "five downloads are written", seconds=10)
    for _ in range(3):
        counting.http().get(url_of(counting, 1))
    counting.kill()
    counting.start()
    assert 5 <= count_of(counting, 1) <= 8


def test_a_count_follows_its_file(server: GranaryServer) -> None:
    # Published anew after a delete, a file starts at nothing.
    url = url_of(server, 1)
    for data in (b"first", b"second"):
        assert server.http("admin").put(url, data=data).status_code == 201
        assert count_of(server, 1) == 0
        assert server.http().get(url).content == data
        assert_counts(server, {1: 1})
        assert server.http("admin").delete(url).status_code == 204
