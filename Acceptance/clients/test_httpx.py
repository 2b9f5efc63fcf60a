# SPDX-License-Identifier: Apache-2.0
"""httpx, over HTTP/1.1 and HTTP/2: bodies from generators, refusals while they are sent, and uploads that go on."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from files import contents
from granary_server import ADMIN_PASSWORD, GranaryServer
from resumable import PIECE
from sizes import MEBIBYTE
from tls_server import TLSServer, serving
from waiting import wait_until

PIECE_SIZE = 64 * 1024
# Time enough for a slow machine; a client that nobody stops would go on for hours.
MOST_SECONDS = 30
VERSIONS = {"plain": "HTTP/1.1", "TLS": "HTTP/1.1", "HTTP/2": "HTTP/2"}


@pytest.fixture(params=VERSIONS)
def spoken(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def server(binary, make_server, tmp_path, spoken: str) -> Iterator[GranaryServer]:
    """A server under the contract `current` that httpx reaches in the way that the test is about."""
    with serving(binary, make_server, tmp_path, is_secure=spoken != "plain") as server:
        yield server


def client_options(server: GranaryServer, spoken: str) -> dict[str, Any]:
    is_secure = isinstance(server, TLSServer)
    verify = ssl.create_default_context(cafile=str(server.certificate)) if is_secure else True
    return {"http2": spoken == "HTTP/2", "verify": verify, "trust_env": False, "timeout": MOST_SECONDS}


def make_client(server: GranaryServer, spoken: str, **options: object) -> httpx.Client:
    return httpx.Client(**client_options(server, spoken), **options)


@pytest.fixture
def client(server: GranaryServer, spoken: str) -> Iterator[httpx.Client]:
    """httpx, signed in as the administrator."""
    with make_client(server, spoken, auth=("admin", ADMIN_PASSWORD)) as client:
        assert client.get(server.url + "/healthz").http_version == VERSIONS[spoken]
        yield client


def pieces(content: bytes) -> Iterator[bytes]:
    """A body whose length httpx does not know."""
    for start in range(0, len(content), PIECE_SIZE):
        yield content[start : start + PIECE_SIZE]


class CountedBody:
    """A body of zeros, which knows how much of it has been asked for."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.sent = 0

    def __iter__(self) -> Iterator[bytes]:
        while self.sent < self.size:
            self.sent += PIECE_SIZE
            yield bytes(PIECE_SIZE)


def test_a_body_from_a_generator_is_published(client: httpx.Client, server: GranaryServer) -> None:
    content = contents(5 * MEBIBYTE + 1)
    url = server.file_url("admin", "tool", "1.0.0", "tool.bin")
    assert client.get(url).status_code == 404
    answer = client.put(url, content=pieces(content))
    assert answer.status_code == 201 and "content-length" not in answer.request.headers
    assert client.put(url, content=pieces(content)).status_code == 200
    taken = client.put(url, content=pieces(b"other"))
    assert taken.status_code == 409 and len(taken.text) > 10
    with client.stream("GET", url) as download:
        assert b"".join(download.iter_bytes(10_000)) == content
        etag = download.headers["etag"]
    assert client.get(url, headers={"If-None-Match": etag}).status_code == 304
    part = client.get(url, headers={"Range": "bytes=1000000-1999999"})
    assert (part.status_code, part.content) == (206, content[1_000_000:2_000_000])
    empty = server.file_url("admin", "tool", "2.0.0", "empty.bin")
    assert client.put(empty, content=pieces(b"")).status_code == 201 and client.get(empty).content == b""


def test_downloads_side_by_side_share_a_client(client: httpx.Client, server: GranaryServer, spoken: str) -> None:
    files = {server.file_url("admin", "tool", f"{number}.0.0", "tool.bin"): contents(MEBIBYTE, number)
             for number in range(12)}
    for url, content in files.items():
        assert client.put(url, content=pieces(content)).status_code == 201

    # Tasks, not threads: of two threads on one connection of HTTP/2, httpx can lose what one has to send.
    async def downloads() -> list[bytes]:
        async with httpx.AsyncClient(**client_options(server, spoken)) as shared:
            answers = await asyncio.gather(*(shared.get(url, auth=("admin", ADMIN_PASSWORD)) for url in files))
            return [answer.content for answer in answers]

    assert asyncio.run(downloads()) == list(files.values())


@pytest.mark.parametrize("tells_length", [True, False], ids=["length", "no length"])
def test_a_refusal_stops_a_body_that_goes_on(server: GranaryServer, spoken: str, tells_length: bool) -> None:
    # While httpx waits for leave to send more on a stream of HTTP/2, it does not notice that the stream has been answered and
    # reset, so that there a body has to fit into what a client may send at first.
    size = MEBIBYTE // 2 if spoken == "HTTP/2" else 1 << 40
    url = server.file_url("admin", "tool", "1.0.0", "tool.bin")
    with make_client(server, spoken) as client:
        for _ in range(5):
            body = CountedBody(size)
            headers = {"Content-Length": str(size)} if tells_length else {}
            begun = time.monotonic()
            answer = client.put(url, content=body, headers=headers)
            assert time.monotonic() - begun < MOST_SECONDS
            assert answer.status_code == 401 and len(answer.text) > 10 and "www-authenticate" in answer.headers
            assert answer.http_version == VERSIONS[spoken] and body.sent < 64 * MEBIBYTE
        assert client.get(server.url + "/healthz").status_code == 200
    assert server.blob_files() == [] and server.staged_files() == []


def test_an_upload_goes_on_where_it_was(client: httpx.Client, server: GranaryServer) -> None:
    content = contents(3 * MEBIBYTE)
    beginning = f"{server.url}/api/granary/v1/uploads/admin/tool/1.0.0/tool.bin"
    begun = client.post(beginning, headers={"Upload-Length": str(len(content))})
    assert begun.status_code == 201, begun.text
    upload = begun.headers["location"]

    def patch(offset: int, body: Iterator[bytes]) -> httpx.Response:
        return client.patch(upload, content=body, headers=PIECE | {"Upload-Offset": str(offset)})

    def offset() -> int:
        return int(client.head(upload, headers={"Tus-Resumable": "1.0.0"}).headers["upload-offset"])

    class LostSource(Exception):
        pass

    def breaks_off() -> Iterator[bytes]:
        yield from pieces(content[MEBIBYTE : 2 * MEBIBYTE])
        raise LostSource

    first = patch(0, pieces(content[:MEBIBYTE]))
    assert (first.status_code, first.headers["upload-offset"]) == (204, str(MEBIBYTE))
    with pytest.raises(LostSource):
        patch(MEBIBYTE, breaks_off())
    assert client.get(server.file_url("admin", "tool", "1.0.0", "tool.bin")).status_code == 404
    assert patch(MEBIBYTE // 2, pieces(b"elsewhere")).status_code == 409

    def goes_on() -> bool:
        # What came before the break may still be on its way into the upload, so that the offset that was told is an earlier one.
        kept = offset()
        assert MEBIBYTE <= kept <= 2 * MEBIBYTE
        answer = patch(kept, pieces(content[kept:]))
        assert answer.status_code in (204, 409), answer.text
        return answer.status_code == 204

    wait_until(goes_on, "the rest is taken")
    assert client.get(server.file_url("admin", "tool", "1.0.0", "tool.bin")).content == content
