# SPDX-License-Identifier: Apache-2.0
"""curl that wants HTTP/2 where there is none: its offer to switch is passed over, and what it takes for granted is refused."""

from __future__ import annotations

import filecmp
import subprocess
from pathlib import Path

import pytest

from curl import AS_ADMIN, curl
from files import contents
from granary_server import GranaryServer
from http2_client import PREFACE
from raw_http import RawConnection
from refused_uploads import huge, refused_upload
from sizes import MEBIBYTE
from tls_server import TLSServer, secure
from waiting import clean_environment
__all__ = ["huge", "secure"]
TIMED_OUT = 28


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "tool.bin"
    path.write_bytes(contents(5 * MEBIBYTE))
    return path


def told(*arguments: str | Path, wanted: str = "%{http_code} %{http_version} %{num_connects}\n") -> tuple[int, list[str]]:
    """curl's exit status, and a line about each of its transfers."""
    done = subprocess.run(
        ["curl", "-q", "-sS", "--max-time", "30", "-w", wanted, *map(str, arguments)], stdin=subprocess.DEVNULL,
        capture_output=True, text=True, env=clean_environment(), timeout=60,
    )
    return done.returncode, done.stdout.splitlines()


def test_an_offer_to_switch_is_passed_over_on_every_request(
    server: GranaryServer, source: Path, tmp_path: Path
) -> None:
    urls = [server.file_url("admin", "tool", f"{number}.0.0", "tool.bin") for number in range(4)]
    for url in urls:
        assert curl("--http2", *AS_ADMIN, "-T", source, url).status == 201
    targets = [tmp_path / f"{number}.bin" for number in range(len(urls))]
    arguments = [part for url, target in zip(urls, targets) for part in ("-o", target, url)]
    status, lines = told("--http2", *arguments, "-o", "/dev/null", urls[0].replace("tool.bin", "absent.bin"))
    assert (status, lines) == (0, ["200 1.1 1"] + ["200 1.1 0"] * 3 + ["404 1.1 0"])
    assert all(filecmp.cmp(source, target, shallow=False) for target in targets)


def test_a_body_may_come_with_an_offer_to_switch(server: GranaryServer, source: Path) -> None:
    urls = [server.file_url("admin", "tool", f"{number}.0.0", "tool.bin") for number in range(3)]
    status, lines = told("--http2", *AS_ADMIN, *[part for url in urls for part in ("-T", source, url)])
    assert (status, lines) == (0, ["201 1.1 1", "201 1.1 0", "201 1.1 0"])
    assert all(server.http().get(url).content == source.read_bytes() for url in urls)


@pytest.mark.parametrize("expects", [True, False], ids=["Expect", "no Expect"])
def test_an_offer_to_switch_does_not_hide_a_refusal(server: GranaryServer, huge: Path, expects: bool) -> None:
    url = server.file_url("admin", "tool", "1.0.0", "tool.bin")
    for _ in range(5):
        assert refused_upload(url, huge, expects, "--http2")[:2] == (0, "401")


def test_http_2_that_is_taken_for_granted_is_refused(server: GranaryServer, source: Path) -> None:
    url = server.file_url("admin", "tool", "1.0.0", "tool.bin")
    for arguments in ([server.url + "/healthz"], [*AS_ADMIN, "-T", source, url]):
        status, lines = told("--http2-prior-knowledge", "-o", "/dev/null", *arguments)
        # curl does not read an answer of HTTP/1.1 here, and fails one way or another.
        assert status not in (0, TIMED_OUT) and lines == ["000 0 1"]
    with RawConnection(server.url) as connection:
        connection.send(PREFACE)
        answer = connection.receive("GET")
        assert answer.status == 505 and "HTTP/1.1" in answer.text
        assert connection.ends_within(15)
    assert server.http().get(url).status_code == 404 and server.staged_files() == []


def test_over_tls_both_options_come_to_http_2(secure: TLSServer, source: Path, tmp_path: Path) -> None:
    for number, option in enumerate(["--http2", "--http2-prior-knowledge"]):
        url = secure.file_url("admin", "tool", f"{number}.0.0", "tool.bin")
        assert curl(option, "--cacert", secure.certificate, *AS_ADMIN, "-T", source, url).status == 201
        targets = [tmp_path / "first", tmp_path / "second"]
        arguments = [part for target in targets for part in ("-o", target, url)]
        assert told(option, "--cacert", secure.certificate, *arguments) == (0, ["200 2 1", "200 2 0"])
        assert all(filecmp.cmp(source, target, shallow=False) for target in targets)
