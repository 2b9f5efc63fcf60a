# SPDX-License-Identifier: Apache-2.0
"""Uploads in pieces by clients that other people wrote, and what a request about one may say."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest
from tusclient.client import TusClient
from tusclient.exceptions import TusUploadFailed
from tusclient.storage.filestorage import FileStorage

from curl import AS_ADMIN, curl
from files import contents, download
from granary_server import GranaryServer
from hashing import representation_digest, sha256
from raw_http import CREDENTIALS, exchange
from registry_checks import SOUND, check_sound, create_acme, reserved
from resumable import PIECE, Upload, listed, new_upload_url
from server_fixtures import ServerFactory
from sizes import MEBIBYTE
from tcp_proxy import CuttingProxy
from waiting import wait_until


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
    begun = curl(*AS_ADMIN, "-X", "POST", "-H", f"Upload-Length: {len(content)}", new_upload_url(server))
    assert begun.status == 201 and begun.headers["upload-offset"] == "0"
    whole = curl(*AS_ADMIN, "-T", path, begun.headers["location"])
    assert whole.status == 201 and whole.headers["location"].endswith("/api/packages/admin/generic/tool/1.0.0/tool.bin")
    assert whole.headers["etag"] == f'"{sha256(content)}"' and download(server) == content

    upload = Upload.begin(server, len(content), "2.0.0")
    # It does not ask how much is there, and sends all with a Content-Range.
    assert curl(*AS_ADMIN, "-C", "-", "-T", path, upload.url).status == 201
    assert download(server, "2.0.0") == content
    # Once more: who lost the answer gets one.
    assert curl(*AS_ADMIN, "-C", str(len(content) - 5), "-T", path, upload.url).status == 409
    assert upload.patch(len(content), b"").status_code == 204

    upload = Upload.begin(server, len(content), "3.0.0", X_Checksum_Sha256=sha256(content))
    with CuttingProxy(server.url, cut_after=MEBIBYTE) as proxy:
        with pytest.raises(AssertionError):
            curl(*AS_ADMIN, "-T", path, proxy.url + upload.path)
        assert proxy.cuts == 1
    wait_until(lambda: upload.offset(), "what came is kept")
    offset = upload.offset()
    assert 0 < offset < len(content)
    for arguments in (["-C", "-"], ["-C", str(offset + 1)], ["-C", str(offset - 1)], []):
        refused = curl(*AS_ADMIN, *arguments, "-T", path, upload.url)
        assert refused.status == 409 and refused.headers["upload-offset"] == str(offset), arguments
    rest = curl(*AS_ADMIN, "-C", str(offset), "-T", path, upload.url)
    assert rest.status == 201 and rest.headers["upload-offset"] == str(len(content))
    assert download(server, "3.0.0") == content
    check_sound(server, 1)


# What a request may say


def test_requests_that_are_not_right_change_nothing(make_server: ServerFactory) -> None:
    server = make_server().start()
    upload = Upload.begin(server, 10)
    assert upload.patch(0, b"0123").headers["Upload-Offset"] == "4"
    tus_only = {"Tus-Resumable": "1.0.0"}
    zeros = base64.b64encode(bytes(32)).decode()
    at_four = PIECE | {"Upload-Offset": "4"}
    cases: list[tuple[str, dict[str, str], bytes, int, str]] = [
        ("PATCH", PIECE | {"Upload-Offset": "3"}, b"x", 409, "the upload is at 4 bytes"),
        ("PATCH", PIECE | {"Upload-Offset": "5"}, b"x", 409, "the upload is at 4 bytes"),
        ("PATCH", PIECE | {"Upload-Offset": "10"}, b"", 409, "the upload is at 4 bytes"),
        ("PATCH", PIECE | {"Upload-Offset": "9223372036854775807"}, b"x", 409, "the upload is at 4 bytes"),
        ("PATCH", PIECE | {"Upload-Offset": "-1"}, b"x", 400, "Upload-Offset"),
        ("PATCH", PIECE | {"Upload-Offset": "four"}, b"x", 400, "Upload-Offset"),
        ("PATCH", PIECE, b"x", 400, "Upload-Offset"),
        ("PATCH", at_four, b"4567890", 400, "6 of 10 bytes are missing"),
        ("PATCH", at_four | {"Tus-Resumable": "0.2.2"}, b"x", 412, "1.0.0"),
        ("PATCH", at_four | {"Content-Type": "application/octet-stream"}, b"x", 415, "application/offset+octet-stream"),
        ("PATCH", tus_only | {"Upload-Offset": "4"}, b"x", 415, "application/offset+octet-stream"),
        ("PATCH", at_four | {"Content-Digest": f"sha-256=:{zeros}:"}, b"x", 400, "digest"),
        ("PATCH", at_four | {"Content-MD5": base64.b64encode(bytes(16)).decode()}, b"x", 400, "digest"),
        ("PUT", {"Content-Range": "bytes 0-9/10"}, b"0123456789", 409, "the upload is at 4 bytes"),
        ("PUT", {"Content-Range": "bytes 5-9/10"}, b"56789", 409, "the upload is at 4 bytes"),
        ("PUT", {"Content-Range": "bytes 4-9/11"}, b"456789", 400, "of the 10 bytes"),
        ("PUT", {"Content-Range": "bytes 4-9/10"}, b"45678", 400, "Content-Range"),
        ("PUT", {"Content-Range": "bytes 4-10/*"}, b"4567890", 400, "6 of 10 bytes are missing"),
        ("PUT", {"Content-Range": "bytes 9-4/10"}, b"456789", 400, "bytes FIRST-LAST/10"),
        ("PUT", {"Content-Range": "bytes */10"}, b"456789", 400, "bytes FIRST-LAST/10"),
        ("PUT", {"Content-Range": "4-9/10"}, b"456789", 400, "bytes FIRST-LAST/10"),
        ("PUT", {"Content-Range": "bytes 4-9/10", "Tus-Resumable": "2.0.0"}, b"456789", 412, "1.0.0"),
        ("PUT", {}, b"0123456789", 409, "the upload is at 4 bytes"),
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
        ({"Upload-Defer-Length": "0"}, 400),
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
    assert options.headers["Tus-Extension"].split(",") == [
        "creation", "creation-defer-length", "expiration", "termination",
    ]
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


def test_a_form_is_not_a_file(make_server: ServerFactory) -> None:
    server = make_server().start()
    upload = Upload.begin(server, 10)
    form = {"Content-Type": "multipart/form-data; boundary=x"}
    refused = upload.ask("PUT", data=b"0123456789", headers=form)
    assert refused.status_code in (400, 415) and upload.offset() == 0 and download(server) is None


def test_who_may(make_server: ServerFactory) -> None:
    server = make_server().start()
    create_acme(server, "readers", "read")
    reading = server.token_session(server.create_token("alice", "read:package"))
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
        headers = PIECE | {"Content-Length": "0", "Upload-Offset": "0"}
        answers = [exchange(server.url, method, unknown.path, more | headers) for more in ({}, CREDENTIALS)]
        if [answer.status for answer in answers] != [401, 404]:
            problems.append(f"{method} of an unknown upload: {answers}")
    assert not problems, "\n".join(problems)


def test_digests_of_a_piece_and_of_the_file(make_server_on_each: ServerFactory) -> None:
    server = make_server_on_each().start()

    def of(content: bytes) -> str:
        return representation_digest(content)

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
