# SPDX-License-Identifier: Apache-2.0
"""A full or read-only disk: uploads are refused with a sentence, downloads go on, and it heals by itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from disks import LoopDisk, fill, read_only, small_disk
from granary_server import GranaryServer
from raw_http import CREDENTIALS, exchange
from server_fixtures import ServerFactory
from sizes import MEBIBYTE
from waiting import wait_until

KEPT = bytes(range(256)) * 4096


def url_of(server: GranaryServer, name: str) -> str:
    return server.file_url("admin", name, "1.0.0", "tool.bin")


def put(server: GranaryServer, name: str, body: bytes, chunked: bool = False) -> tuple[int, str]:
    """Publishes and returns status and text; a bare socket reads a refusal that comes in mid-body."""
    framing = {"Transfer-Encoding": "chunked"} if chunked else {"Content-Length": str(len(body))}
    sent = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body) if chunked else body
    headers = CREDENTIALS | framing
    answer = exchange(server.url, "PUT", url_of(server, name).removeprefix(server.url), headers, sent)
    return answer.status, answer.text


def get(server: GranaryServer, name: str) -> tuple[int, bytes]:
    answer = server.http("admin").get(url_of(server, name), timeout=30)
    return answer.status_code, answer.content


def assert_refused(answer: tuple[int, str], statuses: set[int], server: GranaryServer, name: str) -> None:
    """The refusal is honest and has a sentence, nothing is visible, and downloads go on."""
    status, text = answer
    assert status in statuses, f"{status} {text}"
    assert len(text.split()) >= 4 and text.endswith("\n"), f"not a sentence: {text!r}"
    assert get(server, name)[0] == 404
    assert get(server, "kept") == (200, KEPT)
    wait_until(lambda: not server.staged_files(), "the refused upload's bytes are removed")


@pytest.mark.parametrize("chunked", [False, True], ids=["announced", "chunked"])
# The last has room for all but the end of a body, which may be written when the file has its final name.
@pytest.mark.parametrize(
    "left", [4 * MEBIBYTE, 0, 8 * MEBIBYTE + 48 * 1024], ids=["little left", "nothing left", "almost enough left"]
)
def test_a_full_disk(make_server: ServerFactory, tmp_path: Path, left: int, chunked: bool) -> None:
    with small_disk(tmp_path / "disk", "96m") as disk:
        server = make_server(data=disk / "data").start()
        try:
            assert put(server, "kept", KEPT)[0] == 201
            fill(disk / "ballast", left)
            for attempt in range(3):
                refused = put(server, f"refused-{attempt}", bytes(8 * MEBIBYTE + 51_200 * (attempt + 1)), chunked)
                assert_refused(refused, {503, 507}, server, f"refused-{attempt}")
            if left == 0:
                assert_refused(put(server, "tiny", b"x", chunked), {503, 507}, server, "tiny")

            (disk / "ballast").unlink()
            body = b"room again" * 100_000
            wait_until(lambda: put(server, "again", body, chunked)[0] == 201, "uploads work again", seconds=10)
            assert get(server, "again") == (200, body)
            assert_only(server, {"kept", "again"})
            server.restart()
            assert get(server, "kept") == (200, KEPT) and get(server, "again") == (200, body)
        finally:
            server.kill()


def test_a_folder_that_is_read_only_for_a_while(server: GranaryServer) -> None:
    assert put(server, "kept", KEPT)[0] == 201
    with read_only(server.data / "staging"):
        for attempt in range(3):
            answer = put(server, f"refused-{attempt}", b"x" * 100_000)
            assert_refused(answer, {503, 507}, server, f"refused-{attempt}")
    assert put(server, "again", b"writable again") == (201, "")
    assert get(server, "again") == (200, b"writable again")
    assert_only(server, {"kept", "again"})


def test_blobs_that_cannot_be_written_for_a_while(server: GranaryServer) -> None:
    assert put(server, "kept", KEPT)[0] == 201
    with read_only(server.data / "blobs"):
        answer = put(server, "refused", b"y" * 100_000)
        assert_refused(answer, {503, 507}, server, "refused")
    assert put(server, "again", b"writable again") == (201, "")
    assert_only(server, {"kept", "again"})


def test_a_file_system_that_the_kernel_made_read_only(make_server: ServerFactory, tmp_path: Path) -> None:
    with LoopDisk(tmp_path / "loop") as disk:
        server = make_server(data=disk.mount_point / "data").start()
        try:
            assert put(server, "kept", KEPT)[0] == 201
            disk.fail_to_read_only()
            for attempt in range(3):
                status, text = put(server, f"refused-{attempt}", b"x" * 100_000)
                assert status == 503 and len(text.split()) >= 4, f"{status} {text}"
                assert get(server, "kept") == (200, KEPT)
                assert get(server, f"refused-{attempt}")[0] == 404
            server.stop()
            disk.repair()
            server.start()
            assert get(server, "kept") == (200, KEPT)
            assert put(server, "again", b"repaired") == (201, "")
            assert_only(server, {"kept", "again"})
            wait_until(lambda: not server.staged_files(), "staging/ is empty")
        finally:
            server.kill()


def test_a_data_directory_that_goes_away_and_comes_back(server: GranaryServer) -> None:
    assert put(server, "kept", KEPT)[0] == 201
    away = server.data.with_name("away")
    server.data.rename(away)
    try:
        status, text = put(server, "refused", b"x" * 100_000)
        assert status in (503, 507) and len(text.split()) >= 4, f"{status} {text}"
        assert server.http().get(server.url + "/healthz", timeout=30).status_code == 200
    finally:
        if not server.data.exists():
            away.rename(server.data)
    assert not away.exists(), "the server made a new data directory in the place of the one that went away"
    wait_until(lambda: get(server, "kept") == (200, KEPT), "downloads work again", seconds=10)
    assert get(server, "refused")[0] == 404
    wait_until(lambda: put(server, "again", b"back")[0] == 201, "uploads work again", seconds=10)


def assert_only(server: GranaryServer, names: set[str]) -> None:
    """The owner has these packages and no other."""
    page = server.http("admin").get(f"{server.url}/api/granary/v1/packages/admin", timeout=30).json()
    assert {package["name"] for package in page["packages"] if package["version_count"]} == names
