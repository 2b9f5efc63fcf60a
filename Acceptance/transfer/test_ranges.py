# SPDX-License-Identifier: Apache-2.0
"""Ranges and conditions of RFC 9110, row by row, with the table of hot files on and off: both answer the same."""

from __future__ import annotations

import email.parser
import email.policy
import json
import random
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import formatdate, parsedate_to_datetime
from pathlib import Path

import pytest

from granary_server import CURRENT, FOLDER, GranaryServer
from raw_http import CREDENTIALS, Answer, RawConnection, basic, exchange
from server_fixtures import ServerFactory

pytestmark = pytest.mark.scale_out

# The length of the examples in RFC 9110, section 14.1.2, and one that is too large to be kept in memory.
SIZES = {"rfc.bin": 10_000, "large.bin": 300_000, "empty.bin": 0}
CONTENT = {name: random.Random(name).randbytes(size) for name, size in SIZES.items()}
CHANGING = ("date", "x-request-id")


@dataclass
class Pair:
    """Two servers on copies of the same data."""

    hot: GranaryServer
    cold: GranaryServer

    def ask(self, target: str, headers: dict[str, str], method: str = "GET") -> Answer:
        """Asks both servers, the one with hot files after warming it; the answers must be equal."""
        for _ in range(2):
            assert exchange(self.hot.url, "GET", target, {}).status in (200, 404)
        hot = exchange(self.hot.url, method, target, headers)
        cold = exchange(self.cold.url, method, target, headers)
        assert comparable(hot) == comparable(cold)
        return hot


def comparable(answer: Answer) -> tuple[int, dict[str, str], bytes]:
    """The answer without what differs from one answer to the next."""
    headers = {name: value for name, value in answer.headers.items() if name not in CHANGING}
    found = re.search(r"boundary=(\w+)", headers.get("content-type", ""))
    if not found:
        return answer.status, headers, answer.body
    # The random boundary differs, and with its length the body's.
    boundary = found.group(1)
    assert int(headers.pop("content-length")) == len(answer.body)
    headers["content-type"] = headers["content-type"].replace(boundary, "B")
    return answer.status, headers, answer.body.replace(boundary.encode(), b"B")


@pytest.fixture(scope="module")
def pair(binary: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("ranges")
    first = GranaryServer(binary, folder / "on", folder / "logs-0", CURRENT).start()
    for name, content in CONTENT.items():
        assert first.http("admin").put(first.url + FOLDER + name, data=content).status_code == 201
    assert first.stop() == 0
    shutil.copytree(folder / "on", folder / "off")
    servers = [
        GranaryServer(binary, folder / mode, folder / f"logs-{mode}", ["--cache-hot-files", mode]).start()
        for mode in ("on", "off")
    ]
    yield Pair(*servers)
    for server in servers:
        server.kill()


def parts(answer: Answer) -> list[tuple[str, bytes]]:
    """The parts of a multipart/byteranges body, as the library of Python reads them."""
    text = f"Content-Type: {answer.headers['content-type']}\r\n\r\n".encode() + answer.body
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(text)
    assert message.get_content_type() == "multipart/byteranges"
    assert not message.defects
    found = []
    for part in message.iter_parts():
        assert part.get_content_type() == "application/octet-stream"
        found.append((part["Content-Range"], part.get_content()))
    return found


WHOLE = "whole"
BEYOND = "beyond"
Expected = str | list[tuple[int, int]]
# (Range, what is sent) of a file of 10,000 bytes.
RANGES: list[tuple[str, Expected]] = [
    # RFC 9110, section 14.1.2
    ("bytes=0-499", [(0, 499)]),
    ("bytes=500-999", [(500, 999)]),
    ("bytes=-500", [(9500, 9999)]),
    ("bytes=9500-", [(9500, 9999)]),
    ("bytes=0-0,-1", [(0, 0), (9999, 9999)]),
    ("bytes= 0-999, 4500-5499, -1000", [(0, 999), (4500, 5499), (9000, 9999)]),
    ("bytes=500-600,601-999", [(500, 600), (601, 999)]),
    ("bytes=500-700,601-999", [(500, 700), (601, 999)]),
    # the edges
    ("bytes=0-", [(0, 9999)]),
    ("bytes=0-0", [(0, 0)]),
    ("bytes=9999-", [(9999, 9999)]),
    ("bytes=9999-9999", [(9999, 9999)]),
    ("bytes=-1", [(9999, 9999)]),
    ("bytes=-10000", [(0, 9999)]),
    ("bytes=-20000", [(0, 9999)]),
    ("bytes=9000-20000", [(9000, 9999)]),
    ("bytes=00000-000000009", [(0, 9)]),
    ("bytes=9990-99999999999999999999999999", [(9990, 9999)]),
    ("BYTES=0-9", [(0, 9)]),
    ("bytes=0-9,,20-29", [(0, 9), (20, 29)]),
    ("bytes=20-29,0-9", [(20, 29), (0, 9)]),
    ("bytes=0-9,20000-", [(0, 9)]),
    ("bytes=0-9,-0", [(0, 9)]),
    # as many as zsync asks for at once
    ("bytes=" + ",".join(f"{10 * n}-{10 * n + 4}" for n in range(20)), [(10 * n, 10 * n + 4) for n in range(20)]),
    # too many, or more than there is
    ("bytes=" + ",".join(["0-0"] * 2_000), WHOLE),
    ("bytes=" + ",".join(f"{n}-{n}" for n in range(0, 2_000, 2)), WHOLE),
    ("bytes=0-9999,0-0", WHOLE),
    ("bytes=0-,0-,0-", WHOLE),
    # malformed, or in another unit
    ("bytes=", WHOLE),
    ("bytes", WHOLE),
    ("bytes=-", WHOLE),
    ("bytes=abc", WHOLE),
    ("bytes=1-0", WHOLE),
    ("bytes=0-1-2", WHOLE),
    ("bytes=0x0-0x9", WHOLE),
    ("bytes=+0-9", WHOLE),
    ("bytes=--5", WHOLE),
    ("bytes=0 - 9", WHOLE),
    ("bytes=0-9;10-19", WHOLE),
    ("bytes=0-9,x", WHOLE),
    ("bytes 0-9", WHOLE),
    ("bytes = 0-9", WHOLE),
    ("seconds=0-9", WHOLE),
    ("0-9", WHOLE),
    # beyond the end
    ("bytes=10000-", BEYOND),
    ("bytes=10000-10001", BEYOND),
    ("bytes=20000-30000,40000-", BEYOND),
    ("bytes=-0", BEYOND),
    ("bytes=99999999999999999999999999-", BEYOND),
]


@pytest.mark.parametrize("header, expected", RANGES, ids=[row[0][:40] for row in RANGES])
def test_a_range_is_answered_as_the_rfc_says(pair: Pair, header: str, expected: Expected) -> None:
    content, size = CONTENT["rfc.bin"], SIZES["rfc.bin"]
    answer = pair.ask(FOLDER + "rfc.bin", {"Range": header})
    if expected == WHOLE:
        assert (answer.status, answer.body) == (200, content)
        assert "content-range" not in answer.headers
    elif expected == BEYOND:
        assert (answer.status, answer.headers["content-range"]) == (416, f"bytes */{size}")
        assert answer.text.endswith("\n") or len(answer.text) > 10
    elif len(expected) == 1:
        (first, last), = expected
        assert (answer.status, answer.body) == (206, content[first:last + 1])
        assert answer.headers["content-range"] == f"bytes {first}-{last}/{size}"
    else:
        assert answer.status == 206
        assert "content-range" not in answer.headers, "RFC 9110, section 15.3.7.2: not with several parts"
        assert parts(answer) == [(f"bytes {a}-{b}/{size}", content[a:b + 1]) for a, b in expected]
    if answer.status != 416:
        assert answer.headers["accept-ranges"] == "bytes"
        assert answer.headers["etag"] and answer.headers["last-modified"]


def test_ranges_of_a_file_that_is_not_kept_in_memory(pair: Pair) -> None:
    content = CONTENT["large.bin"]
    one = pair.ask(FOLDER + "large.bin", {"Range": "bytes=65536-199999"})
    assert (one.status, one.body) == (206, content[65536:200_000])
    several = pair.ask(FOLDER + "large.bin", {"Range": "bytes=0-99999,200000-"})
    assert [part[1] for part in parts(several)] == [content[:100_000], content[200_000:]]
    assert pair.ask(FOLDER + "large.bin", {}).body == content


@pytest.mark.parametrize("header", ["bytes=0-", "bytes=0-0", "bytes=-1", "bytes=5-9", "bytes=x"])
def test_an_empty_file_is_sent_whole(pair: Pair, header: str) -> None:
    answer = pair.ask(FOLDER + "empty.bin", {"Range": header})
    assert (answer.status, answer.body, answer.headers["content-length"]) == (200, b"", "0")


@pytest.mark.parametrize("header", ["bytes=0-9", "bytes=0-9,20-29", "bytes=20000-"])
def test_head_knows_no_ranges(pair: Pair, header: str) -> None:
    answer = pair.ask(FOLDER + "rfc.bin", {"Range": header}, "HEAD")
    assert (answer.status, answer.headers["content-length"]) == (200, "10000")
    assert "content-range" not in answer.headers


# Headers, with {…} for what the file has, and the status of GET. RFC 9110, sections 13.1 and 13.2.2.
CONDITIONS: list[tuple[dict[str, str], int]] = [
    ({"If-None-Match": "*"}, 304),
    ({"If-None-Match": "{etag}"}, 304),
    ({"If-None-Match": "W/{etag}"}, 304),
    ({"If-None-Match": '"xyzzy"'}, 200),
    ({"If-None-Match": '"xyzzy", {etag}, "c3piozzzz"'}, 304),
    ({"If-None-Match": 'W/"xyzzy", W/"r2d2xxxx", W/"c3piozzzz"'}, 200),
    ({"If-None-Match": '"a,b",{etag}'}, 304),
    ({"If-None-Match": "{bare}"}, 200),
    ({"If-Match": "*"}, 200),
    ({"If-Match": "{etag}"}, 200),
    ({"If-Match": '"xyzzy", {etag}'}, 200),
    ({"If-Match": '"xyzzy"'}, 412),
    ({"If-Match": "W/{etag}"}, 412),
    ({"If-Modified-Since": "{modified}"}, 304),
    ({"If-Modified-Since": "{after}"}, 304),
    ({"If-Modified-Since": "{before}"}, 200),
    ({"If-Modified-Since": "yesterday"}, 200),
    ({"If-Unmodified-Since": "{modified}"}, 200),
    ({"If-Unmodified-Since": "{after}"}, 200),
    ({"If-Unmodified-Since": "{before}"}, 412),
    ({"If-Unmodified-Since": "yesterday"}, 200),
    # the stronger condition hides the weaker one
    ({"If-None-Match": '"xyzzy"', "If-Modified-Since": "{modified}"}, 200),
    ({"If-None-Match": "{etag}", "If-Modified-Since": "{before}"}, 304),
    ({"If-Match": "{etag}", "If-Unmodified-Since": "{before}"}, 200),
    ({"If-Match": '"xyzzy"', "If-Unmodified-Since": "{after}"}, 412),
    # and If-Match comes first
    ({"If-Match": '"xyzzy"', "If-None-Match": "{etag}"}, 412),
    ({"If-Match": "{etag}", "If-None-Match": "{etag}"}, 304),
    ({"If-Unmodified-Since": "{before}", "If-None-Match": "{etag}"}, 412),
    # conditions come before ranges, and If-Range only decides about the range
    ({"If-None-Match": "{etag}", "Range": "bytes=0-9"}, 304),
    ({"If-Match": '"xyzzy"', "Range": "bytes=20000-"}, 412),
    ({"If-Match": "{etag}", "Range": "bytes=0-9"}, 206),
    ({"If-Range": "{etag}", "Range": "bytes=0-9"}, 206),
    ({"If-Range": "{etag}", "Range": "bytes=20000-"}, 416),
    ({"If-Range": '"xyzzy"', "Range": "bytes=0-9"}, 200),
    ({"If-Range": '"xyzzy"', "Range": "bytes=20000-"}, 200),
    ({"If-Range": "W/{etag}", "Range": "bytes=0-9"}, 200),
    ({"If-Range": "{modified}", "Range": "bytes=0-9"}, 206),
    ({"If-Range": "{after}", "Range": "bytes=0-9"}, 200),
    ({"If-Range": "{before}", "Range": "bytes=0-9"}, 200),
    ({"If-Range": "{etag}"}, 200),
    ({"If-Range": "{bare}", "Range": "bytes=0-9"}, 200),
]


@pytest.mark.parametrize("headers, status", CONDITIONS, ids=[str(row[0])[1:-1] for row in CONDITIONS])
def test_a_condition_is_evaluated_as_the_rfc_says(pair: Pair, headers: dict[str, str], status: int) -> None:
    target = FOLDER + "rfc.bin"
    whole = pair.ask(target, {})
    etag, modified = whole.headers["etag"], whole.headers["last-modified"]
    seconds = parsedate_to_datetime(modified).timestamp()
    known = {
        "{etag}": etag,
        "{bare}": etag.strip('"'),
        "{modified}": modified,
        "{before}": formatdate(seconds - 1, usegmt=True),
        "{after}": formatdate(seconds + 1, usegmt=True),
    }
    filled = {}
    for name, value in headers.items():
        for word, meaning in known.items():
            value = value.replace(word, meaning)
        filled[name] = value
    answer = pair.ask(target, filled)
    assert answer.status == status
    if status == 304:
        assert (answer.headers["etag"], answer.body) == (etag, b"")
        # RFC 9110, section 15.4.5: what a 200 would have said to caches.
        assert answer.headers["cache-control"] == whole.headers["cache-control"]
        assert "content-length" not in answer.headers
    if status == 412:
        assert len(answer.text) > 10
    if "Range" not in headers:
        head = pair.ask(target, filled, "HEAD")
        assert comparable(head)[:2] == comparable(answer)[:2]


@pytest.mark.parametrize("fields, status, code", [
    ({"Range": "bytes=999999999-"}, 416, "range_not_satisfiable"),
    ({"If-Match": '"xyzzy"'}, 412, "precondition_failed"),
])
def test_refusals_are_json_for_who_asks_for_it(pair: Pair, fields: dict[str, str], status: int, code: str) -> None:
    for server in (pair.hot, pair.cold):
        answer = exchange(server.url, "GET", FOLDER + "rfc.bin", fields | {"Accept": "application/json"})
        assert (answer.status, answer.headers["content-type"]) == (status, "application/json")
        record = json.loads(answer.text)
        assert (record["error"], record["request_id"]) == (code, answer.headers["x-request-id"])
        assert len(record["message"]) > 10


def test_a_304_has_no_body_on_the_wire(pair: Pair) -> None:
    for server in (pair.hot, pair.cold):
        with RawConnection(server.url) as connection:
            request = f"GET {FOLDER}rfc.bin HTTP/1.1\r\nHost: x\r\nIf-None-Match: *\r\n\r\n"
            connection.send((request + request.replace("If-None-Match: *", "Connection: close")).encode())
            assert connection.receive().status == 304
            assert connection.receive().body == CONTENT["rfc.bin"]


@pytest.mark.parametrize("name", [*SIZES, "absent.bin", "SHA256SUMS", "rfc.bin.sha256"])
def test_head_is_get_without_the_body(pair: Pair, name: str) -> None:
    got, headed = pair.ask(FOLDER + name, {}), pair.ask(FOLDER + name, {}, "HEAD")
    assert comparable(headed) == (*comparable(got)[:2], b"")
    assert headed.headers["content-length"] == str(len(got.body))


def test_last_modified_is_never_later_than_the_date(make_server: ServerFactory) -> None:
    """RFC 9110, section 8.8.2.1; also for what was published while the clock was ahead."""
    ahead = ["faketime", "-f", "--exclude-monotonic", "+1h", "setpriv", "--pdeathsig", "KILL", "--"]
    server = make_server(wrapper=ahead).start()
    url = server.file_url("admin", "tool", "1.0.0", "tool.bin")
    assert server.http("admin").put(url, data=b"data").status_code == 201
    # The wrapper is the server's parent, and does not pass signals on.
    server.kill()
    server.wrapper.clear()
    server.start()
    url = server.file_url("admin", "tool", "1.0.0", "tool.bin")
    for _ in range(3):
        answer = server.http().get(url)
        modified, date = (parsedate_to_datetime(answer.headers[name]) for name in ("Last-Modified", "Date"))
        assert modified <= date
        unchanged = server.http().get(url, headers={"If-None-Match": answer.headers["ETag"]})
        assert unchanged.status_code == 304


# Requests that might slip past, or wrongly into, the table of hot files: target, headers, status.
UNUSUAL: list[tuple[str, dict[str, str], int]] = [
    ("rfc.bin", {"Accept-Encoding": "gzip, br"}, 200),
    ("rfc.bin", {"Accept": "text/html"}, 200),
    ("rfc.bin", {"Connection": "keep-alive"}, 200),
    ("rfc.bin", {"Connection": "close"}, 200),
    ("rfc.bin", {"Connection": "Close, TE"}, 200),
    ("rfc.bin", {"Content-Length": "0"}, 200),
    ("rfc.bin?x=1", {}, 200),
    ("rfc%2Ebin", {}, 200),
    ("RFC.bin", {}, 200),
    ("/rfc.bin", {}, 200),
    ("./rfc.bin", {}, 200),
    ("././/rfc.bin/.", {}, 200),
    ("../rfc.bin", {}, 404),
    ("rfc.bin/", {}, 200),
    ("absent.bin", {}, 404),
    ("absent.bin", {"Accept": "application/json"}, 404),
    ("rfc.bin", CREDENTIALS, 200),
    ("rfc.bin", {"Authorization": basic("admin", "wrong")}, 401),
    ("rfc.bin", {"Authorization": "token grn_" + "0" * 64}, 401),
    ("rfc.bin", {"Authorization": "Bearer"}, 401),
]


@pytest.mark.parametrize("target, headers, status", UNUSUAL, ids=[f"{row[0]} {row[1]}" for row in UNUSUAL])
def test_the_table_of_hot_files_does_not_show(pair: Pair, target: str, headers: dict[str, str], status: int) -> None:
    if status == 404 and headers:
        # The body in JSON names the request.
        assert [exchange(s.url, "GET", FOLDER + target, headers).status for s in (pair.hot, pair.cold)] == [404, 404]
        return
    answer = pair.ask(FOLDER + target, headers)
    assert answer.status == status
    if status == 200:
        assert answer.body == CONTENT["rfc.bin"]
        assert "content-encoding" not in answer.headers


@pytest.mark.parametrize("size", [4_000, 300_000])
def test_a_change_takes_effect_on_hot_files_at_once(server: GranaryServer, size: int) -> None:
    server.create_user("alice")
    token = server.create_token("alice", "read:package")
    server.create_user("bob")
    target = f"{server.url}/api/packages/alice/generic/tool/1.0.0/tool.bin"
    anonymous, reader, other = server.http(), server.token_session(token), server.http("bob")

    def statuses() -> list[int]:
        """Warms the table, if it may, then asks once more."""
        for session in (anonymous, reader, other) * 2:
            session.get(target)
        return [session.get(target).status_code for session in (anonymous, reader, other)]

    def publish(byte: bytes) -> None:
        assert server.http("admin").put(target, data=byte * size).status_code == 201

    publish(b"a")
    assert statuses() == [200, 200, 200]
    server.admin("user", "update", "alice", "--visibility", "private")
    assert [session.get(target).status_code for session in (anonymous, reader, other)] == [401, 200, 404]
    assert statuses() == [401, 200, 404]
    server.admin("user", "update", "alice", "--visibility", "limited")
    assert statuses() == [401, 200, 200]
    server.admin("user", "update", "bob", "--inactive")
    assert [session.get(target).status_code for session in (anonymous, reader, other)] == [401, 200, 401]
    server.admin("user", "update", "alice", "--visibility", "public")
    assert statuses()[:2] == [200, 200]
    assert server.http("admin").delete(target).status_code == 204
    assert anonymous.get(target).status_code == 404
    publish(b"b")
    assert anonymous.get(target).content == b"b" * size
