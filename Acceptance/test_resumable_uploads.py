# SPDX-License-Identifier: Apache-2.0
"""Uploads in pieces: what was told to be there is there, whatever breaks, and the file is whole or it is none."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import re
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
import requests
from tusclient.client import TusClient
from tusclient.exceptions import TusUploadFailed
from tusclient.storage.filestorage import FileStorage

from conftest import NodesFactory, ServerFactory
from curl import curl
from drafts import Draft, sha256
from granary_server import ADMIN_PASSWORD, GranaryServer
from raw_http import ConnectionEnded, basic, exchange, head
from resumable import CREDENTIALS, PIECE, Upload, new_upload_url
from tcp_proxy import CuttingProxy
from waiting import clean_environment, wait_until

MEBIBYTE = 1 << 20
#: So much is made durable at a time.
STEP = 64 * MEBIBYTE
#: So much is gathered before it is written.
BUFFER = 256 * 1024
SOUND = 0
LOGIN = ("-u", f"admin:{ADMIN_PASSWORD}")


def usage(server: GranaryServer) -> dict:
    return server.http("admin").get(f"{server.url}/api/granary/v1/owners/admin/usage", timeout=60).json()


def reserved(server: GranaryServer) -> tuple[int, int]:
    shown = usage(server)
    return shown["reserved_size"], shown["reserved_version_count"]


def download(server: GranaryServer, version: str = "1.0.0", file: str = "tool.bin") -> bytes | None:
    answer = server.http("admin").get(server.file_url("admin", "tool", version, file), timeout=120)
    assert answer.status_code in (200, 404), answer.text
    return answer.content if answer.status_code == 200 else None


def put(server: GranaryServer, content: bytes, version: str = "1.0.0", file: str = "tool.bin") -> int:
    url = server.file_url("admin", "tool", version, file)
    return server.http("admin").put(url, data=content, timeout=60).status_code


def staged_bytes(server: GranaryServer) -> int:
    # What is listed may be gone when it is looked at.
    with suppress(FileNotFoundError):
        return sum(path.stat().st_size for path in server.staged_files())
    return 0


def listed(server: GranaryServer) -> list[str]:
    """The offsets of all uploads that are not complete, page by page."""
    found, after = [], None
    while True:
        query = {"limit": 2} | ({"after": after} if after else {})
        url = f"{server.url}/api/granary/v1/owners/admin/uploads"
        page = server.http("admin").get(url, params=query, timeout=60).json()
        found += [upload["id"] for upload in page["uploads"]]
        after = page.get("next")
        if not after:
            return found


def check_sound(server: GranaryServer, blobs: int) -> None:
    """Collects what nothing refers to; what is left is in order, and no more than so much."""
    wait_until(lambda: not server.staged_files(), "staging/ is empty")
    server.admin("gc", "--grace", "0s", "--force")
    wait_until(lambda: len(server.blob_names()) == blobs, f"{blobs} blobs are kept, not {server.blob_names()}")
    done = server.run_admin("fsck", "--grace", "0s")
    assert done.returncode == SOUND, done.stdout


def contents(size: int, seed: int = 1) -> bytes:
    return random.Random(seed).randbytes(size)


# Clients that other people wrote


def tus(server: GranaryServer, version: str = "1.0.0") -> TusClient:
    return TusClient(new_upload_url(server, version), headers=CREDENTIALS)


def test_tus_client(make_server_on_each: ServerFactory, tmp_path: Path) -> None:
    server = make_server_on_each().start()
    path = tmp_path / "tool.bin"
    content = contents(100_000)
    path.write_bytes(content)
    for version, options in [
        ("1.0.0", {}), ("1.0.1", {"chunk_size": 8192}), ("1.0.2", {"upload_checksum": True}),
        ("1.0.3", {"metadata": {"filename": "tool.bin", "filetype": "application/octet-stream"}}),
    ]:
        uploader = tus(server, version).uploader(str(path), **options)
        uploader.upload()
        assert uploader.offset == uploader.get_offset() == len(content)
        assert download(server, version) == content
    # A program that ended half-way, and another one that goes on by what it wrote down.
    stored = FileStorage(str(tmp_path / "urls.json"))
    first = tus(server, "2.0.0").uploader(str(path), chunk_size=25_000, store_url=True, url_storage=stored)
    first.upload(stop_at=50_000)
    assert download(server, "2.0.0") is None
    second = tus(server, "2.0.0").uploader(str(path), store_url=True, url_storage=stored)
    assert (second.url, second.offset) == (first.url, 50_000)
    second.upload()
    assert download(server, "2.0.0") == content
    # It sends from a place where the upload is not, and is told so.
    third = tus(server, "3.0.0").uploader(str(path), chunk_size=25_000)
    third.upload_chunk()
    third.offset = 10_000
    with pytest.raises(TusUploadFailed) as refused:
        third.upload_chunk()
    assert refused.value.status_code == 409
    third.offset = third.get_offset()
    third.upload()
    assert download(server, "3.0.0") == content
    empty = tmp_path / "empty.bin"
    empty.write_bytes(b"")
    tus(server, "4.0.0").uploader(str(empty)).upload()
    assert download(server, "4.0.0") == b""
    assert listed(server) == [] and reserved(server) == (0, 0)
    check_sound(server, 2)


def test_tus_client_retries_after_a_cut(make_server: ServerFactory, tmp_path: Path) -> None:
    server = make_server().start()
    path = tmp_path / "tool.bin"
    path.write_bytes(contents(3 * MEBIBYTE))
    for version, options in [("1.0.0", {}), ("1.0.1", {"chunk_size": 1_000_000})]:
        upload = Upload.begin(server, 3 * MEBIBYTE, version)
        with CuttingProxy(server.url, cut_after=MEBIBYTE * 3 // 2) as proxy:
            uploader = TusClient(proxy.url, headers=CREDENTIALS).uploader(
                str(path), url=proxy.url + upload.path, retries=3, retry_delay=0, **options
            )
            uploader.upload()
            # A connection for each chunk is never cut.
            assert proxy.cuts == (0 if options else 1)
        assert download(server, version) == path.read_bytes() and upload.is_published()
    assert server.run_admin("fsck").returncode == SOUND


def test_curl(make_server: ServerFactory, tmp_path: Path) -> None:
    server = make_server().start()
    path = tmp_path / "tool.bin"
    content = contents(3 * MEBIBYTE)
    path.write_bytes(content)
    begun = curl(*LOGIN, "-X", "POST", "-H", f"Upload-Length: {len(content)}", new_upload_url(server))
    assert begun.status == 201 and begun.headers["upload-offset"] == "0"
    whole = curl(*LOGIN, "-T", path, begun.headers["location"])
    assert whole.status == 201 and whole.headers["location"].endswith("/api/packages/admin/generic/tool/1.0.0/tool.bin")
    assert whole.headers["etag"] == f'"{sha256(content)}"' and download(server) == content

    upload = Upload.begin(server, len(content), "2.0.0")
    # It does not ask how much is there, and sends all with a Content-Range.
    assert curl(*LOGIN, "-C", "-", "-T", path, upload.url).status == 201
    assert download(server, "2.0.0") == content
    # Once more: who lost the answer gets one.
    assert curl(*LOGIN, "-C", str(len(content) - 5), "-T", path, upload.url).status == 409
    assert upload.patch(len(content), b"").status_code == 204

    upload = Upload.begin(server, len(content), "3.0.0", X_Checksum_Sha256=sha256(content))
    with CuttingProxy(server.url, cut_after=MEBIBYTE) as proxy:
        with pytest.raises(AssertionError):
            curl(*LOGIN, "-T", path, proxy.url + upload.path)
        assert proxy.cuts == 1
    wait_until(lambda: upload.offset(), "what came is kept")
    offset = upload.offset()
    assert 0 < offset < len(content)
    for arguments in (["-C", "-"], ["-C", str(offset + 1)], ["-C", str(offset - 1)], []):
        refused = curl(*LOGIN, *arguments, "-T", path, upload.url)
        assert refused.status == 409 and refused.headers["upload-offset"] == str(offset), arguments
    rest = curl(*LOGIN, "-C", str(offset), "-T", path, upload.url)
    assert rest.status == 201 and rest.headers["upload-offset"] == str(len(content))
    assert download(server, "3.0.0") == content
    check_sound(server, 1)


# What a request may say


def test_requests_that_are_not_right_change_nothing(make_server: ServerFactory) -> None:
    server = make_server().start()
    upload = Upload.begin(server, 10)
    assert upload.patch(0, b"0123").headers["Upload-Offset"] == "4"
    tus_only = {"Tus-Resumable": "1.0.0"}
    at_four = PIECE | {"Upload-Offset": "4"}
    cases: list[tuple[str, dict[str, str], bytes, int, str]] = [
        ("PATCH", PIECE | {"Upload-Offset": "3"}, b"x", 409, "the upload has 4 bytes"),
        ("PATCH", PIECE | {"Upload-Offset": "5"}, b"x", 409, "the upload has 4 bytes"),
        ("PATCH", PIECE | {"Upload-Offset": "10"}, b"", 409, "the upload has 4 bytes"),
        ("PATCH", PIECE | {"Upload-Offset": "9223372036854775807"}, b"x", 409, "the upload has 4 bytes"),
        ("PATCH", PIECE | {"Upload-Offset": "-1"}, b"x", 400, "Upload-Offset"),
        ("PATCH", PIECE | {"Upload-Offset": "four"}, b"x", 400, "Upload-Offset"),
        ("PATCH", PIECE, b"x", 400, "Upload-Offset"),
        ("PATCH", at_four, b"4567890", 400, "6 of 10 bytes are missing"),
        ("PATCH", at_four | {"Tus-Resumable": "0.2.2"}, b"x", 412, "1.0.0"),
        ("PATCH", at_four | {"Content-Type": "application/octet-stream"}, b"x", 415, "application/offset+octet-stream"),
        ("PATCH", tus_only | {"Upload-Offset": "4"}, b"x", 415, "application/offset+octet-stream"),
        ("PATCH", at_four | {"Content-Digest": f"sha-256=:{base64.b64encode(bytes(32)).decode()}:"}, b"x", 400, "digest"),
        ("PATCH", at_four | {"Content-MD5": base64.b64encode(bytes(16)).decode()}, b"x", 400, "digest"),
        ("PUT", {"Content-Range": "bytes 0-9/10"}, b"0123456789", 409, "the upload has 4 bytes"),
        ("PUT", {"Content-Range": "bytes 5-9/10"}, b"56789", 409, "the upload has 4 bytes"),
        ("PUT", {"Content-Range": "bytes 4-9/11"}, b"456789", 400, "of the 10 bytes"),
        ("PUT", {"Content-Range": "bytes 4-9/10"}, b"45678", 400, "Content-Range"),
        ("PUT", {"Content-Range": "bytes 4-10/*"}, b"4567890", 400, "6 of 10 bytes are missing"),
        ("PUT", {"Content-Range": "bytes 9-4/10"}, b"456789", 400, "bytes FIRST-LAST/10"),
        ("PUT", {"Content-Range": "bytes */10"}, b"456789", 400, "bytes FIRST-LAST/10"),
        ("PUT", {"Content-Range": "4-9/10"}, b"456789", 400, "bytes FIRST-LAST/10"),
        ("PUT", {"Content-Range": "bytes 4-9/10", "Tus-Resumable": "2.0.0"}, b"456789", 412, "1.0.0"),
        ("PUT", {}, b"0123456789", 409, "the upload has 4 bytes"),
        ("HEAD", {"Tus-Resumable": "0.2.2"}, b"", 412, ""),
        ("DELETE", {"Tus-Resumable": "0.2.2"}, b"", 412, "1.0.0"),
        ("POST", {}, b"", 405, ""),
    ]
    problems = []
    for method, headers, body, status, text in cases:
        for framing, framed in [
            ({"Content-Length": str(len(body))}, body),
            ({"Transfer-Encoding": "chunked"}, (b"%x\r\n%b\r\n" % (len(body), body) if body else b"") + b"0\r\n\r\n"),
        ]:
            # Without a length nobody knows that the body is not as long as its range.
            if "Transfer-Encoding" in framing and (headers.get("Content-Range"), len(body)) == ("bytes 4-9/10", 5):
                continue
            answer = exchange(server.url, method, upload.path, CREDENTIALS | headers | framing, framed)
            if answer.status != status or text not in answer.text:
                problems.append(f"{method} {headers} {framing}: {answer.status} {answer.text}")
            elif status == 409 and answer.headers.get("upload-offset") != "4":
                problems.append(f"{method} {headers}: 409 with {answer.headers}")
            elif status == 412 and answer.headers.get("tus-version") != "1.0.0":
                problems.append(f"{method} {headers}: 412 with {answer.headers}")
            elif upload.offset() != 4:
                problems.append(f"{method} {headers} {framing}: the offset is {upload.offset()} afterwards")
    assert not problems, "\n".join(problems)
    assert upload.patch(4, b"456789").status_code == 204 and download(server) == b"0123456789"
    for method, body in [("PATCH", b"x"), ("PUT", b"0123456789"), ("PUT", b"abcdefghij")]:
        headers = PIECE | {"Upload-Offset": "0"} if method == "PATCH" else {}
        assert upload.ask(method, data=body, headers=headers).status_code == 409, "complete is complete"
    assert download(server) == b"0123456789"
    check_sound(server, 1)


def test_how_an_upload_begins(make_server: ServerFactory) -> None:
    server = make_server().start()
    url = new_upload_url(server)
    session = server.http("admin")
    wrong = {"X-Checksum-Sha256": sha256(b"other")}
    for headers, status in [
        ({}, 400), ({"Upload-Length": "-1"}, 400), ({"Upload-Length": "x"}, 400), ({"Upload-Length": "1e3"}, 400),
        ({"Upload-Length": "9223372036854775808"}, 400), ({"Upload-Length": "9223372036854775807"}, 413),
        ({"Upload-Defer-Length": "1"}, 400),
        ({"Upload-Length": "5", "Tus-Resumable": "0.2.2"}, 412),
        ({"Upload-Length": "5", "X-Checksum-Sha256": "abc"}, 400), (wrong | {"Upload-Length": "0"}, 400),
    ]:
        answer = session.post(url, headers=headers, timeout=60)
        assert answer.status_code == status and answer.text, f"{headers}: {answer.status_code} {answer.text}"
    assert session.post(url + "?draft=maybe", headers={"Upload-Length": "5"}, timeout=60).status_code == 400
    for version, file in [("latest", "a.bin"), ("1.0.0", "a*b"), ("1.0.0", "a b")]:
        answer = session.post(new_upload_url(server, version, file), headers={"Upload-Length": "5"}, timeout=60)
        assert answer.status_code == 400, f"{version} {file}: {answer.status_code}"
    assert listed(server) == [] and download(server) is None
    options = server.http().options(url, timeout=60)
    assert options.status_code == 204 and options.headers["Tus-Version"] == options.headers["Tus-Resumable"] == "1.0.0"
    assert options.headers["Tus-Extension"].split(",") == ["creation", "expiration", "termination"]
    assert int(options.headers["Tus-Max-Size"]) == 50 << 30
    uploads = [Upload.begin(server, 5, f"1.0.{number}") for number in range(5)]
    assert sorted(listed(server)) == sorted(upload.path.rpartition("/")[2] for upload in uploads)
    record = uploads[0].ask("HEAD").headers
    assert record["Upload-Offset"] == "0" and re.fullmatch(r"\w{3}, .* GMT", record["Upload-Expires"])
    assert [upload.drop() for upload in uploads] == [204] * 5 and [upload.drop() for upload in uploads] == [404] * 5
    assert uploads[0].patch(0, b"12345").status_code == 404
    assert Upload.begin(server, 0).is_published() and download(server) == b""
    assert session.post(url, headers={"Upload-Length": "5"}, timeout=60).status_code == 400, "the version is published"
    check_sound(server, 1)


def test_numbers_are_digits(make_server: ServerFactory) -> None:
    server = make_server().start()
    begun = server.http("admin").post(new_upload_url(server), headers={"Upload-Length": "+5"}, timeout=60)
    assert begun.status_code == 400, begun.text
    upload = Upload.begin(server, 5)
    headers = PIECE | {"Upload-Offset": "+0"}
    assert upload.ask("PATCH", data=b"12345", headers=headers).status_code == 400


def test_who_may(make_server: ServerFactory) -> None:
    server = make_server().start()
    for name in ("alice", "carol", "dave"):
        server.create_user(name)
    server.admin("org", "create", "acme", "--owner", "alice")
    server.admin("org", "create", "hidden", "--owner", "alice", "--visibility", "private")
    server.admin("team", "create", "acme", "readers", "--packages", "read")
    server.admin("team", "add", "acme", "readers", "carol")
    reading = server.http()
    reading.headers["Authorization"] = "token " + server.create_token("alice", "read:package")
    problems = []
    for owner, session, status in [
        ("acme", server.http(), 401), ("acme", server.http("carol"), 403), ("acme", server.http("dave"), 403),
        ("acme", reading, 403), ("hidden", server.http(), 401), ("hidden", server.http("dave"), 404),
    ]:
        upload = Upload.begin(server, 10, owner=owner)
        upload.patch(0, b"01234")
        piece = PIECE | {"Upload-Offset": "5"}
        for method, url, headers in [
            ("POST", new_upload_url(server, owner=owner), {"Upload-Length": "5"}), ("GET", upload.url, {}),
            ("HEAD", upload.url, {}), ("PATCH", upload.url, piece), ("DELETE", upload.url, {}),
            ("PUT", upload.url, {"Content-Range": "bytes 5-9/10"}),
            ("GET", f"{server.url}/api/granary/v1/owners/{owner}/uploads", {}),
        ]:
            body = b"56789" if method in ("PATCH", "PUT") else None
            answer = session.request(method, url, headers=headers, data=body, timeout=60)
            if answer.status_code != status or "upload-offset" in answer.headers or "tool.bin" in answer.text:
                problems.append(f"{owner} {status} {method} {url}: {answer.status_code} {answer.headers} {answer.text}")
        assert upload.offset() == 5 and upload.drop() == 204
    unknown = Upload(server, "/api/granary/v1/uploads/" + "0" * 32)
    for method in ("GET", "PATCH", "PUT", "DELETE"):
        answers = [exchange(server.url, method, unknown.path, more | PIECE | {"Content-Length": "0", "Upload-Offset": "0"})
                   for more in ({}, CREDENTIALS)]
        if [answer.status for answer in answers] != [401, 404]:
            problems.append(f"{method} of an unknown upload: {answers}")
    assert not problems, "\n".join(problems)


def test_digests_of_a_piece_and_of_the_file(make_server_on_each: ServerFactory) -> None:
    server = make_server_on_each().start()

    def of(content: bytes) -> str:
        return f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"

    content = contents(10_000)
    upload = Upload.begin(server, 10_000, Repr_Digest=of(content))
    refused = upload.patch(0, content[:5000], Content_Digest=of(content[:4999]))
    assert refused.status_code == 400 and upload.offset() == 0
    check_sound(server, 0)
    # A piece that states its digest and breaks off is taken whole or not at all.
    with upload.connect(0, 5000, Content_Digest=of(content[:5000])) as connection:
        connection.send(content[:3000])
        connection.finish_sending()
        assert connection.receive_or_none("PATCH") is None or upload.offset() == 0
    assert upload.patch(0, content[:5000], Content_Digest=of(content[:5000])).status_code == 204
    last = upload.ask("PUT", data=content[5000:], headers={
        "Content-Range": "bytes 5000-9999/10000", "Content-Digest": of(content[5000:]),
    })
    assert last.status_code == 201 and download(server) == content

    # Every piece is right, and the file is not what was meant.
    for version, method in [("2.0.0", "PATCH"), ("3.0.0", "PUT")]:
        other = Upload.begin(server, 10, version, X_Checksum_Sha256=sha256(b"abcdefghij"))
        assert other.patch(0, b"abcde").status_code == 204
        headers = PIECE | {"Upload-Offset": "5"} if method == "PATCH" else {"Content-Range": "bytes 5-9/10"}
        answer = other.ask(method, data=b"fghiX", headers=headers)
        assert answer.status_code == 400 and sha256(b"abcdefghiX") in answer.text, answer.text
        assert other.record() is None and download(server, version) is None
    assert listed(server) == [] and reserved(server) == (0, 0)
    check_sound(server, 1)


# Connections that break


def test_what_came_is_kept_however_the_body_ends(make_server_on_each: ServerFactory) -> None:
    server = make_server_on_each().start()
    content = contents(2_000_000)
    upload = Upload.begin(server, len(content))
    offset = 0
    for end in ("finish", "reset", "chunks that end early", "chunks", "a broken chunk"):
        part = content[offset : offset + 300_000]
        connection = upload.connect(offset, None if "chunk" in end else len(content) - offset)
        connection.send(b"%x\r\n%b\r\n" % (len(part), part) if "chunk" in end else part)
        if end == "chunks":
            connection.send(b"0\r\n\r\n")
            assert connection.receive("PATCH").headers["upload-offset"] == str(offset + len(part))
        elif end == "a broken chunk":
            connection.send(b"no number\r\n")
        elif end == "reset":
            wait_until(lambda: staged_bytes(server) >= BUFFER, "the server stages the body")
            connection.reset()
            # What the server's system has not handed on is lost.
            wait_until(lambda: upload.offset() >= offset + BUFFER, "what came is kept")
            offset = upload.offset()
            continue
        else:
            connection.finish_sending()
            answer = connection.receive_or_none("PATCH")
            assert answer is None or answer.status == 400 and f"{offset + len(part)} of {len(content)}" in answer.text
        wait_until(lambda: upload.offset() == offset + len(part), f"what came is kept: {end}, {upload.offset()}")
        connection.socket.close()
        offset += len(part)
    assert upload.patch(offset, content[offset:]).status_code == 204
    assert download(server) == content
    check_sound(server, 1)


def test_a_piece_that_is_too_long_is_refused_before_its_body(make_server: ServerFactory) -> None:
    server = make_server().start()
    upload = Upload.begin(server, 10)
    for headers, offset, length, status in [({}, 0, 11, 400), ({}, 3, 5, 409), ({"Tus_Resumable": "9"}, 0, 5, 412)]:
        with upload.connect(offset, length, Expect="100-continue", **headers) as connection:
            answer = connection.receive("PATCH")
        assert (answer.status, answer.interim) == (status, [])
    with upload.connect(0, None) as connection:
        with suppress(OSError):
            connection.send(b"b\r\n01234567890\r\n0\r\n\r\n")
        assert connection.receive("PATCH").status == 400
    assert upload.offset() == 0
    with upload.connect(0, 10, Expect="100-continue") as connection:
        assert connection.receive_interim() == 100
        connection.send(b"0123456789")
        assert connection.receive("PATCH").status == 204
    assert download(server) == b"0123456789"


def test_the_last_answer_is_lost(make_server_on_each: ServerFactory) -> None:
    server = make_server_on_each().start()
    content = contents(MEBIBYTE)
    upload = Upload.begin(server, len(content))
    with upload.connect(0, len(content)) as connection:
        connection.send(content)
        connection.reset()
    # The client asks where to go on, and sends what is missing, if anything.
    wait_until(lambda: upload.offset() is not None and not server.staged_files(), "the request has ended")
    offset = upload.offset()
    if offset < len(content):
        assert upload.patch(offset, content[offset:]).status_code == 204
    wait_until(upload.is_published, "an upload that has all bytes is published")
    assert download(server) == content
    # It is documented that it can be sent once more.
    assert upload.patch(len(content), b"").status_code == 204
    assert upload.ask("PUT", data=b"", headers={"Content-Range": "bytes 0-0/1"}).status_code == 400


@pytest.mark.timeout(240)
def test_kill_between_the_last_byte_and_the_publish(make_server_on_each: ServerFactory, tmp_path: Path) -> None:
    """A client of tus that finds all bytes there is through: then the file has to be there, too."""
    server = make_server_on_each().start()
    content = contents(96 * MEBIBYTE)
    path = tmp_path / "tool.bin"
    path.write_bytes(content)
    for version in ("1.0.0", "1.0.1", "1.0.2"):
        upload = Upload.begin(server, len(content), version)
        assert upload.patch(0, content[:-1]).status_code == 204
        connection = upload.connect(len(content) - 1, 1)
        connection.send(content[-1:])
        record = upload.record()
        while record["offset"] < len(content):
            record = upload.record()
        server.kill()
        connection.socket.close()
        server.start()
        if not record["published"]:
            break
    else:
        pytest.fail("no kill met an upload that was being put together: the test shows nothing")
    uploader = TusClient(server.url, headers=CREDENTIALS).uploader(str(path), url=upload.url)
    uploader.upload()
    assert uploader.offset == len(content)
    wait_until(lambda: download(server, version) == content, "what a client was told to be complete is published")


@pytest.mark.timeout(240)
def test_kill_in_the_middle_of_pieces(make_server_on_each: ServerFactory) -> None:
    server = make_server_on_each().start()
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")
    choose = random.Random(seed)
    content = contents(3 * STEP + 12_345)
    upload = Upload.begin(server, len(content), X_Checksum_Sha256=sha256(content))
    kept, met = 0, 0
    for number in range(5):
        sent = kept
        with upload.connect(kept, len(content) - kept) as connection:
            stop = min(len(content) - 1, kept + choose.choice([MEBIBYTE, STEP // 2, STEP + 5 * MEBIBYTE]))
            while sent < stop:
                part = content[sent : min(sent + MEBIBYTE, stop)]
                connection.send(part)
                sent += len(part)
            seen = upload.offset()
            # The moment of the kill is the test's input, not a wait for something.
            threading.Event().wait(choose.random() * 0.1)
            server.kill()
        met += 1
        server.start()
        offset = upload.offset()
        assert kept <= seen <= offset <= sent, f"round {number}: {kept} <= {seen} <= {offset} <= {sent}"
        # Besides what was still on its way.
        assert offset > sent - STEP - 16 * MEBIBYTE, "no more is lost than one step"
        kept = offset
        assert download(server) is None
    assert met == 5 and kept > 0
    assert upload.patch(kept, content[kept:]).status_code == 204
    assert sha256(download(server)) == sha256(content)
    check_sound(server, 1)


@pytest.mark.timeout(240)
def test_a_node_dies_and_another_one_goes_on(make_nodes: NodesFactory) -> None:
    victim, other, reader = make_nodes()
    content = contents(STEP + 9 * MEBIBYTE)
    upload = Upload.begin(victim, len(content))
    with upload.connect(0, len(content)) as connection:
        connection.send(content[: STEP + 3 * MEBIBYTE])
        wait_until(lambda: upload.at(other).offset() >= STEP, "the first step is durable", seconds=60)
        victim.kill()
    offset = upload.at(reader).offset()
    end = offset + MEBIBYTE
    assert STEP <= offset < STEP + MEBIBYTE
    assert upload.at(other).patch(offset, content[offset:end]).headers["Upload-Offset"] == str(end)
    # It is back, and takes the next piece.
    victim.start()
    assert upload.patch(end, content[end:-5]).status_code == 204
    assert upload.at(reader).patch(len(content) - 5, content[-5:]).status_code == 204
    assert all(sha256(download(node)) == sha256(content) for node in (victim, other, reader))
    assert all(upload.at(node).is_published() for node in (victim, other, reader))
    for node in (victim, other, reader):
        assert not node.staged_files()
    check_sound(other, 1)


# Several at the same upload


def test_a_later_request_takes_over(make_server_on_each: ServerFactory) -> None:
    server = make_server_on_each().start()
    size = 2 * BUFFER
    for version, later in [("1.0.0", size), ("1.0.1", 400)]:
        content = contents(size, seed=later)
        upload = Upload.begin(server, size, version)
        with upload.connect(0, size) as stale:
            stale.send(content[: BUFFER + 1])
            wait_until(lambda: staged_bytes(server) >= BUFFER, "the first one runs")
            assert upload.patch(0, content[:later]).headers["Upload-Offset"] == str(later)
            # Other bytes than the same place has now.
            stale.send(b"X" * (size - BUFFER - 1))
            answer = stale.receive_or_none("PATCH")
        assert answer is None or answer.status == 409 and answer.headers["upload-offset"] == str(later), answer
        if later < size:
            assert upload.patch(later, content[later:]).status_code == 204
        assert download(server, version) == content
    check_sound(server, 2)


def race(servers: list[GranaryServer], upload: Upload, content: bytes, clients: int = 8) -> Counter[int]:
    """Clients who know nothing of each other send pieces until the upload is complete."""
    statuses: Counter[int] = Counter()

    def client(number: int) -> None:
        choose = random.Random(number)
        own = upload.at(servers[number % len(servers)])
        offset = own.offset()
        while offset < len(content):
            end = min(len(content), offset + choose.randrange(1, len(content) // 8))
            answer = own.patch(offset, content[offset:end])
            statuses[answer.status_code] += 1
            assert answer.status_code in (204, 409), answer.text
            now = int(answer.headers["Upload-Offset"])
            assert now >= offset, f"the offset went from {offset} to {now}"
            offset = now
        # All bytes are there: an empty piece learns of the end, or brings it about.
        assert own.patch(len(content), b"").status_code == 204

    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(client, range(clients)))
    return statuses


def test_clients_race_on_one_upload(make_server_on_each: ServerFactory) -> None:
    server = make_server_on_each().start()
    for version in ("1.0.0", "1.0.1"):
        content = contents(300_000, seed=len(version))
        upload = Upload.begin(server, len(content), version, X_Checksum_Sha256=sha256(content))
        statuses = race([server], upload, content)
        assert statuses[409] > 0, "nobody met another one: the test shows nothing"
        assert download(server, version) == content and upload.is_published()
    check_sound(server, 1)


def test_clients_race_on_three_nodes(make_nodes: NodesFactory) -> None:
    nodes = make_nodes()
    content = contents(300_000)
    upload = Upload.begin(nodes[0], len(content))
    with ThreadPoolExecutor(1) as pool:
        # What loses is collected at the same time.
        collection = pool.submit(lambda: [nodes[2].admin("gc") for _ in range(5)])
        assert race(nodes, upload, content, clients=9)[409] > 0
        assert len(collection.result()) == 5
    assert all(download(node) == content for node in nodes)
    check_sound(nodes[1], 1)


# Room


def test_an_open_upload_has_its_room(make_server_on_each: ServerFactory) -> None:
    server = make_server_on_each(options=["--limits-owner-size", "1000", "--limits-owner-versions", "2"]).start()
    session = server.http("admin")
    first = Upload.begin(server, 600)
    assert reserved(server) == (600, 1) and first.patch(0, b"a" * 500).status_code == 204
    assert reserved(server) == (600, 1), "what came takes no more than what was set aside"
    for size, status in [("401", 507), ("1001", 507), (str((50 << 30) + 1), 413)]:
        refused = session.post(new_upload_url(server, "2.0.0"), headers={"Upload-Length": size}, timeout=60)
        assert refused.status_code == status, refused.text
    assert put(server, b"x" * 401, "2.0.0") == 507
    second = Upload.begin(server, 400, "2.0.0")
    assert session.post(new_upload_url(server, "3.0.0"), headers={"Upload-Length": "0"}, timeout=60).status_code == 507
    server.kill()
    server.start()
    assert reserved(server) == (1000, 2) and (first.offset(), second.offset()) == (500, 0)
    assert second.drop() == 204 and reserved(server) == (600, 1)
    assert first.patch(500, b"a" * 100).status_code == 204
    assert (reserved(server), usage(server)["size"], usage(server)["version_count"]) == ((0, 0), 600, 1)
    assert put(server, b"b" * 400, "2.0.0") == 201
    # What the owner has already takes no room.
    server.admin("owner", "set-limits", "admin", "--versions", "none")
    known = Upload.begin(server, 600, "3.0.0", X_Checksum_Sha256=sha256(b"a" * 600))
    assert reserved(server)[0] == 0 and known.patch(0, b"a" * 600).status_code == 204
    # Who says that it is known, and sends something else, gets no room by that.
    liar = Upload.begin(server, 600, "4.0.0", X_Checksum_Sha256=sha256(b"a" * 600))
    assert liar.patch(0, b"z" * 600).status_code == 400 and liar.record() is None
    assert usage(server)["size"] == 1000 and reserved(server) == (0, 0)
    check_sound(server, 2)


def test_room_that_is_gone_at_the_end_can_come_back(make_server_on_each: ServerFactory) -> None:
    server = make_server_on_each().start()
    upload = Upload.begin(server, 1000)
    assert upload.patch(0, b"a" * 900).status_code == 204
    server.admin("owner", "set-limits", "admin", "--total-size", "500")
    assert upload.patch(900, b"a" * 100).status_code == 507
    assert upload.offset() == 1000 and not upload.is_published() and download(server) is None
    server.admin("owner", "set-limits", "admin", "--total-size", "none")
    assert upload.patch(1000, b"").status_code == 204 and download(server) == b"a" * 1000
    assert reserved(server) == (0, 0)
    # The same with the size of one file.
    upload = Upload.begin(server, 1000, "2.0.0")
    server.admin("owner", "set-limits", "admin", "--file-size", "500")
    assert upload.patch(0, b"a" * 1000).status_code == 413
    assert upload.drop() == 204 and download(server, "2.0.0") is None
    check_sound(server, 1)


def test_an_upload_expires_some_time_after_its_last_byte(make_server_on_each: ServerFactory) -> None:
    server = make_server_on_each(
        options=["--limits-owner-size", "1000"],
        environment={"GRANARY_ADMIN_PASSWORD": ADMIN_PASSWORD, "GRANARY_TIMEOUTS_UPLOAD": "2s"},
    ).start()
    upload = Upload.begin(server, 900)
    first = datetime.fromisoformat(upload.record()["expires_at"])

    def is_later() -> bool:
        """Goes on with the upload; whether it would have expired by now."""
        answer = upload.patch(upload.offset(), b"a")
        assert answer.status_code == 204, answer.text
        return parsedate_to_datetime(answer.headers["Date"]) > first

    wait_until(is_later, "it is kept for as long as bytes come")
    done = Upload.begin(server, 5, "2.0.0")
    assert done.patch(0, b"12345").status_code == 204
    offset = upload.offset()
    with upload.connect(offset, 900 - offset) as late:
        late.send(b"a")
        wait_until(lambda: upload.record() is None and done.record() is None, "both are gone")
        server.admin("gc")
        late.send(b"a" * (900 - offset - 1))
        assert late.receive("PATCH").status == 404
    assert upload.patch(offset, b"a").status_code == 404 and upload.drop() == 404
    assert listed(server) == [] and reserved(server) == (0, 0)
    check_sound(server, 1)
    assert download(server, "2.0.0") == b"12345" and put(server, b"b" * 995) == 201


# With everything else


def test_into_a_draft(make_server_on_each: ServerFactory) -> None:
    server = make_server_on_each().start()
    draft = Draft(server)
    uploads = [Upload.begin(server, 10, file=f"{number}.bin", draft=True) for number in range(3)]
    assert draft.content() is None
    for number, upload in enumerate(uploads):
        assert upload.patch(0, b"01234").status_code == 204
        last = upload.ask("PUT", data=b"5678%d" % number, headers={"Content-Range": "bytes 5-9/10"})
        assert last.status_code == 201 and "Location" not in last.headers, last.headers
    expected = {f"{number}.bin": sha256(b"012345678%d" % number) for number in range(3)}
    assert draft.content() == expected and draft.published() is None and download(server, file="0.bin") is None
    check_sound(server, 3)
    assert draft.publish(expected).status_code == 201 and download(server, file="2.bin") == b"0123456782"
    late = server.http("admin").post(
        new_upload_url(server, file="late.bin") + "?draft=true", headers={"Upload-Length": "5"}, timeout=60
    )
    assert late.status_code == 400


@pytest.mark.parametrize("contract", ["documented", "current"])
def test_others_publish_meanwhile(make_server_on_each: ServerFactory, contract: str) -> None:
    server = make_server_on_each(options=["--contract", contract]).start()
    for version, theirs, status in [
        ("1.0.0", b"others", 409 if contract == "current" else 400),
        ("1.0.1", b"mine..", 204 if contract == "current" else 400),
    ]:
        upload = Upload.begin(server, 6, version)
        assert upload.patch(0, b"mine").status_code == 204
        assert put(server, theirs, version) == 201
        last = upload.patch(4, b"..")
        assert last.status_code == status, last.text
        assert download(server, version) == theirs
        if status == 204:
            assert upload.is_published()
            continue
        # It is told again, and can be dropped.
        assert upload.patch(6, b"").status_code == status and not upload.is_published()
        assert upload.drop() == 204 and upload.record() is None
    # Or what stood in the way goes.
    upload = Upload.begin(server, 6, "1.0.2")
    assert put(server, b"others", "1.0.2") == 201 and upload.patch(0, b"mine..").status_code in (400, 409)
    assert server.http("admin").delete(server.version_url("admin", "tool", "1.0.2"), timeout=60).status_code == 204
    assert upload.patch(6, b"").status_code == 204 and download(server, "1.0.2") == b"mine.."
    assert reserved(server) == (0, 0)
    check_sound(server, 2)


def test_collection_and_check_know_pieces(make_server_on_each: ServerFactory) -> None:
    server = make_server_on_each().start()
    content = contents(30_000)
    upload = Upload.begin(server, len(content))
    dropped = Upload.begin(server, len(content), "2.0.0")
    for number in range(3):
        part = content[number * 10_000 : (number + 1) * 10_000 - (1 if number == 2 else 0)]
        assert upload.patch(number * 10_000, part).status_code == 204
        assert dropped.patch(number * 10_000, part).status_code == 204
    assert server.run_admin("fsck", "--grace", "0s").returncode == SOUND
    report = json.loads(server.admin("gc", "--grace", "0s", "--format", "json"))
    assert report["orphans"] == 0 and len(server.blob_names()) == 6
    assert server.run_admin("fsck", "--grace", "0s", "--repair").returncode == SOUND
    assert dropped.drop() == 204
    check_sound(server, 3)
    server.restart()
    check_sound(server, 3)
    assert upload.patch(29_999, content[-1:]).status_code == 204 and download(server) == content
    check_sound(server, 1)


@pytest.mark.local_content
@pytest.mark.parametrize("damage", ["missing", "short", "changed"])
def test_a_piece_that_is_damaged_is_never_published(make_server: ServerFactory, damage: str) -> None:
    server = make_server(pair=None).start()
    upload = Upload.begin(server, 1000)
    assert upload.patch(0, b"a" * 500).status_code == 204
    (piece,) = server.blob_files()
    if damage == "missing":
        piece.unlink()
    else:
        piece.write_bytes(b"a" * 400 if damage == "short" else b"a" * 499 + b"X")
    last = upload.patch(500, b"b" * 500)
    assert last.status_code == 400 and "piece" in last.text, f"{last.status_code} {last.text}"
    assert download(server) is None and not upload.is_published()
    assert upload.drop() == 204
    check_sound(server, 0)


def test_owners_with_uploads(make_server_on_each: ServerFactory, make_server: ServerFactory, tmp_path: Path) -> None:
    server = make_server_on_each().start()
    for name in ("alice", "bob"):
        server.create_user(name)
    uploads = {name: Upload.begin(server, 10, owner=name) for name in ("alice", "bob")}
    assert all(upload.patch(0, b"01234").status_code == 204 for upload in uploads.values())
    # An upload on its way is in no backup, and hinders none.
    server.admin("backup", str(tmp_path / "backup"))
    server.admin("user", "delete", "alice")
    assert uploads["alice"].record() is None and uploads["alice"].patch(5, b"56789").status_code == 404
    renamed = server.http("admin").post(
        f"{server.url}/api/v1/admin/users/bob/rename", json={"new_username": "rob"}, timeout=60
    )
    assert renamed.status_code == 204, renamed.text
    assert uploads["bob"].record()["owner"] == "rob"
    assert uploads["bob"].patch(5, b"56789").status_code == 204
    url = server.file_url("rob", "tool", "1.0.0", "tool.bin")
    assert server.http("admin").get(url, timeout=60).content == b"0123456789"
    check_sound(server, 1)
    restored = make_server(pair=None)
    restored.admin("restore", str(tmp_path / "backup"))
    restored.start()
    assert reserved(restored) == (0, 0) and Upload(restored, uploads["bob"].path).record() is None
    check_sound(restored, 0)
