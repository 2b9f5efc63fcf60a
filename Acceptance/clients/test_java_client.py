# SPDX-License-Identifier: Apache-2.0
"""Java's own HTTP client, which asks for HTTP/2 on every connection: it offers to switch on plain ones, and negotiates over TLS."""

from __future__ import annotations

import filecmp
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from files import contents
from granary_server import CURRENT, GranaryServer
from programs import SIGNED_IN, exchange_lines
from sizes import MEBIBYTE
from tcp_proxy import CuttingProxy
from tls_server import TLSServer, secure

PROGRAM = Path(__file__).with_name("Exchange.java")
ONE, TWO = "HTTP_1_1", "HTTP_2"


@dataclass
class JavaAnswer:
    status: int
    version: str
    etag: str
    milliseconds: int


def exchange(*requests: str, trust: Path | None = None, prefers: str = TWO) -> list[JavaAnswer]:
    """Sends the requests with one client, so over one connection if it can be kept; all must be answered."""
    options = [f"-Djavax.net.ssl.trustStore={trust}", "-Djavax.net.ssl.trustStorePassword=public"] if trust else []
    lines = exchange_lines(["java", *options, PROGRAM, prefers], requests)
    return [JavaAnswer(int(status), version, etag, int(milliseconds)) for status, version, etag, milliseconds in lines]


@pytest.fixture
def trust(secure: TLSServer, tmp_path: Path) -> Path:
    """A store in which Java finds the server's certificate."""
    store = tmp_path / "trust.p12"
    subprocess.run(
        ["keytool", "-importcert", "-noprompt", "-alias", "granary", "-file", str(secure.certificate), "-keystore",
         str(store), "-storepass", "public"],
        check=True, capture_output=True, timeout=60,
    )
    return store


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "tool.bin"
    path.write_bytes(contents(5 * MEBIBYTE))
    return path


def check_a_life(url: str, version: str, source: Path, trust: Path | None = None) -> None:
    """Publishes, downloads and deletes with one client, in every way in which Java frames a body."""
    target, part = source.with_name("downloaded"), source.with_name("part")
    absent = url.replace("tool.bin", "absent.bin")
    upload = f"PUT {url} {source} - {SIGNED_IN}"
    other = f"PUT {url} {PROGRAM} - {SIGNED_IN}"
    answers = exchange(
        f"GET {url} - -", upload, f"HEAD {url} - -", f"GET {url} - {target}", other,
        upload.replace("1.0.0", "2.0.0") + " Transfer-Encoding=chunked", upload.replace("1.0.0", "3.0.0") + " Expect=yes",
        f"GET {absent} - -", f"GET {url} - {part} Range=bytes%3D1000-1999", f"DELETE {url} - - {SIGNED_IN}",
        f"GET {url.replace('1.0.0', '2.0.0')} - {target}", f"GET {url} - -",
        trust=trust,
    )
    statuses = [answer.status for answer in answers]
    assert statuses == [404, 201, 200, 200, 409, 201, 201, 404, 206, 204, 200, 404]
    assert {answer.version for answer in answers} == {version}
    assert filecmp.cmp(source, target, shallow=False) and part.read_bytes() == source.read_bytes()[1000:2000]
    # Another program begins with what the first has learned.
    etag = answers[10].etag.replace('"', "%22")
    (fresh,) = exchange(f"GET {url.replace('1.0.0', '2.0.0')} - - If-None-Match={etag}", trust=trust)
    assert fresh.status == 304


def test_an_offer_to_switch_is_passed_over_on_every_request(make_server, source: Path) -> None:
    server = make_server(options=CURRENT).start()
    with CuttingProxy(server.url) as proxy:
        urls = [f"{proxy.url}/healthz"] * 5
        answers = exchange(*[f"GET {url} - -" for url in urls])
        # The first of the proxy's threads accepts, and each other one has a connection.
        assert len(proxy.threads) - 1 == 1, "the connection was to be kept"
        assert bytes(proxy.request_bytes).count(b"Upgrade: h2c\r\n") == 5, "Java was to offer HTTP/2"
    assert [(answer.status, answer.version) for answer in answers] == [(200, ONE)] * 5
    check_a_life(server.file_url("admin", "tool", "1.0.0", "tool.bin"), ONE, source)


def test_http_2_is_negotiated_over_tls(secure: TLSServer, source: Path, trust: Path) -> None:
    secure.options += CURRENT
    secure.restart()
    check_a_life(secure.file_url("admin", "tool", "1.0.0", "tool.bin"), TWO, source, trust)


FRAMINGS = pytest.mark.parametrize("framing", ["", " Transfer-Encoding=chunked"], ids=["length", "no length"])


# Java's release 17 hangs on two refusals that are right, so they are not here: one with content in answer to `Expect`, and one over
# HTTP/2 while it waits for leave to send more, since it reads nothing then.
@FRAMINGS
@pytest.mark.parametrize("prefers", [ONE, TWO])
def test_a_refusal_reaches_java_while_it_sends(
    server: GranaryServer, tmp_path: Path, framing: str, prefers: str
) -> None:
    check_refusals(server, tmp_path, 100 * MEBIBYTE, framing, ONE, prefers)


@FRAMINGS
@pytest.mark.parametrize("version, size", [(ONE, 100 * MEBIBYTE), (TWO, MEBIBYTE // 2)])
def test_a_refusal_reaches_java_while_it_sends_over_tls(
    secure: TLSServer, tmp_path: Path, framing: str, version: str, size: int, trust: Path
) -> None:
    check_refusals(secure, tmp_path, size, framing, version, version, trust)


def check_refusals(
    server: GranaryServer, tmp_path: Path, size: int, framing: str, version: str, prefers: str, trust: Path | None = None
) -> None:
    """Sends an upload without permission several times, then a request that succeeds."""
    huge = tmp_path / "huge.bin"
    with open(huge, "wb") as file:
        file.truncate(size)
    url = server.file_url("admin", "tool", "1.0.0", "tool.bin")
    requests = [f"PUT {url} {huge} -{framing}"] * 5 + [f"GET {server.url}/healthz - -"]
    *refused, healthy = exchange(*requests, trust=trust, prefers=prefers)
    assert [(answer.status, answer.version) for answer in refused] == [(401, version)] * 5
    # It takes longer only when nobody tells Java to stop.
    assert max(answer.milliseconds for answer in refused) < 20_000
    assert healthy.status == 200 and server.blob_files() == [] and server.staged_files() == []
