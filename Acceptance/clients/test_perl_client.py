# SPDX-License-Identifier: Apache-2.0
"""Perl's LWP, over plain connections and TLS: files that it streams, copies that it keeps up to date, and refusals."""

from __future__ import annotations

import filecmp
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from files import contents
from granary_server import GranaryServer
from programs import SIGNED_IN, exchange_lines
from refused_uploads import huge
from sizes import MEBIBYTE
from tcp_proxy import CuttingProxy
from tls_server import TLSServer, serving
from waiting import clean_environment
__all__ = ["huge"]
PROGRAM = Path(__file__).with_name("exchange.pl")


@dataclass
class PerlAnswer:
    status: int
    etag: str
    seconds: float


def exchange(*requests: str, trust: Path | None = None) -> list[PerlAnswer]:
    """Sends the requests with one client, so over one connection if it can be kept; all must be answered."""
    lines = exchange_lines(["perl", PROGRAM], requests, **{"PERL_LWP_SSL_CA_FILE": str(trust)} if trust else {})
    return [PerlAnswer(int(status), etag, float(seconds)) for status, etag, seconds in lines]


@pytest.fixture(params=["plain", "TLS"])
def server(binary: Path, make_server, tmp_path: Path, request: pytest.FixtureRequest):
    """A server under the contract `current`, without TLS and with it."""
    with serving(binary, make_server, tmp_path, is_secure=request.param == "TLS") as server:
        yield server


def certificate(server: GranaryServer) -> Path | None:
    return server.certificate if isinstance(server, TLSServer) else None


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "tool.bin"
    path.write_bytes(contents(5 * MEBIBYTE))
    return path


def test_lwp_publishes_and_downloads(server: GranaryServer, source: Path, tmp_path: Path) -> None:
    url = server.file_url("admin", "tool", "1.0.0", "tool.bin")
    unsized, absent = url.replace("1.0.0", "2.0.0"), url.replace("tool.bin", "absent.bin")
    target, again, part = tmp_path / "downloaded", tmp_path / "again", tmp_path / "part"
    trust = certificate(server)
    first = exchange(
        f"GET {url} - -", f"PUT {url} {source} - {SIGNED_IN}", f"PUT {unsized} {source} - {SIGNED_IN} Transfer-Encoding=yes",
        f"PUT {url} {PROGRAM} - {SIGNED_IN}", f"HEAD {url} - -", f"GET {url} - {target}", f"GET {unsized} - {again}",
        f"GET {url} - {part} Range=bytes%3D1000-1999", f"GET {absent} - -", f"DELETE {url} - -",
        trust=trust,
    )
    assert [answer.status for answer in first] == [404, 201, 201, 409, 200, 200, 200, 206, 404, 401]
    assert filecmp.cmp(source, target, shallow=False) and filecmp.cmp(source, again, shallow=False)
    assert part.read_bytes() == source.read_bytes()[1000:2000]
    etag = first[4].etag
    assert etag != "-" and {answer.etag for answer in first[4:8]} == {etag}
    second = exchange(
        f"GET {url} - - If-None-Match={etag.replace(chr(34), '%22')}", f"GET {url} - - If-None-Match=%22other%22",
        f"DELETE {url} - - {SIGNED_IN}", f"HEAD {url} - -",
        trust=trust,
    )
    assert [answer.status for answer in second] == [304, 200, 204, 404]


def test_lwp_fetches_only_what_is_new(server: GranaryServer, source: Path, tmp_path: Path) -> None:
    url = server.file_url("admin", "tool", "1.0.0", "tool.bin")
    exchange(f"PUT {url} {source} - {SIGNED_IN}", trust=certificate(server))
    target = tmp_path / "mirrored"
    trust = {"PERL_LWP_SSL_CA_FILE": str(certificate(server))} if certificate(server) else {}

    def mirror() -> str:
        done = subprocess.run(
            ["perl", "-MLWP::Simple", "-e", "print mirror($ARGV[0], $ARGV[1])", url, str(target)], capture_output=True, text=True,
            env=clean_environment(**trust), timeout=60,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert mirror() == "200" and filecmp.cmp(source, target, shallow=False)
    assert mirror() == "304"
    target.write_bytes(b"older")
    os.utime(target, (0, 0))
    assert mirror() == "200" and filecmp.cmp(source, target, shallow=False)


def test_lwp_keeps_its_connection(make_server) -> None:
    server = make_server().start()
    with CuttingProxy(server.url) as proxy:
        answers = exchange(*[f"GET {proxy.url}/healthz - -"] * 5)
        # The first of the proxy's threads accepts, and each other one has a connection.
        assert [answer.status for answer in answers] == [200] * 5 and len(proxy.threads) - 1 == 1


@pytest.mark.parametrize("framing", ["", " Transfer-Encoding=yes"], ids=["length", "no length"])
def test_a_refusal_reaches_lwp_while_it_sends(server: GranaryServer, huge: Path, framing: str) -> None:
    url = server.file_url("admin", "tool", "1.0.0", "tool.bin")
    requests = [f"PUT {url} {huge} -{framing}"] * 5 + [f"GET {server.url}/healthz - -"]
    *refused, healthy = exchange(*requests, trust=certificate(server))
    assert [answer.status for answer in refused] == [401] * 5
    assert max(answer.seconds for answer in refused) < 20
    assert healthy.status == 200 and server.blob_files() == [] and server.staged_files() == []
