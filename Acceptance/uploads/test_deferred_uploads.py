# SPDX-License-Identifier: Apache-2.0
"""Uploads whose size the client states at their end, as tus has it for streams (creation-defer-length)."""

from __future__ import annotations

from drafts import at_once
from hashing import representation_digest, sha256
from registry_checks import SOUND, check_sound, reserved
from resumable import Upload, listed, new_upload_url
from server_fixtures import ServerFactory
from sizes import MEBIBYTE
from waiting import wait_until
from files import contents, download


def test_a_stream_of_unknown_size_goes_on_after_a_break(make_server_on_each: ServerFactory) -> None:
    server = make_server_on_each().start()
    content = contents(3 * MEBIBYTE)
    upload = Upload.begin(server, None)
    assert upload.record() is not None and listed(server) == [upload.record()["id"]]
    with upload.connect(0, None) as connection:
        connection.send(b"%x\r\n%b\r\n" % (MEBIBYTE, content[:MEBIBYTE]))
        connection.finish_sending()
        answer = connection.receive_or_none("PATCH")
        assert answer is None or answer.status == 400 and f"{MEBIBYTE} bytes are kept" in answer.text
    wait_until(lambda: upload.offset() == MEBIBYTE, "what came is kept")
    # All bytes count: which one is the last is not known.
    assert upload.patch(MEBIBYTE, content[MEBIBYTE:]).headers["Upload-Offset"] == str(len(content))
    assert upload.offset() == len(content) and download(server) is None
    digest = representation_digest(content)
    last = upload.patch(len(content), b"", Upload_Length=str(len(content)), Repr_Digest=digest)
    assert (last.status_code, last.headers["Upload-Offset"]) == (204, str(len(content)))
    assert last.headers["Upload-Length"] == str(len(content)) and "Upload-Defer-Length" not in last.headers
    assert upload.is_published() and download(server) == content
    # Once more: who lost the answer gets one.
    assert upload.patch(len(content), b"", Upload_Length=str(len(content))).status_code == 204
    assert listed(server) == [] and reserved(server) == (0, 0)
    check_sound(server, 1)


def test_the_size_comes_with_the_last_bytes_or_before(make_server: ServerFactory) -> None:
    server = make_server().start()
    content = contents(10)
    for version, pieces in [("1.0.0", [(0, 10, 10)]), ("1.0.1", [(0, 4, None), (4, 10, 10)]),
                            ("1.0.2", [(0, 0, 10), (0, 10, None)]), ("1.0.3", [(0, 3, 10), (3, 9, 10), (9, 10, 10)])]:
        upload = Upload.begin(server, None, version)
        for start, end, size in pieces:
            stated = {"Upload_Length": str(size)} if size else {}
            assert upload.patch(start, content[start:end], **stated).status_code == 204, (version, start)
        assert download(server, version) == content
    empty = Upload.begin(server, None, "2.0.0")
    assert empty.patch(0, b"", Upload_Length="0").status_code == 204 and download(server, "2.0.0") == b""
    draft = Upload.begin(server, None, "3.0.0", draft=True)
    assert draft.patch(0, content, Upload_Length="10").status_code == 204 and draft.is_published()
    assert download(server, "3.0.0") is None
    assert server.run_admin("fsck").returncode == SOUND


def test_a_size_that_cannot_be_changes_nothing(make_server: ServerFactory) -> None:
    server = make_server().start()
    upload = Upload.begin(server, None)
    assert upload.patch(0, b"01234").status_code == 204
    for offset, content, size, status, words in [
        (5, b"567", "7", 400, "less than the 8 bytes"), (5, b"", "4", 400, "less than the 5 bytes"),
        (5, b"", "-1", 400, "invalid Upload-Length"), (5, b"", "x", 400, "invalid Upload-Length"),
        (5, b"", str(1 << 63), 400, "invalid Upload-Length"),
        (4, b"", "5", 409, "5 bytes"), (6, b"", "6", 409, "5 bytes"),
    ]:
        answer = upload.patch(offset, content, Upload_Length=size)
        assert answer.status_code == status and words in answer.text, (size, answer.text)
        assert upload.record()["offset"] == 5 and "size" not in upload.record()
    assert upload.patch(5, b"5", Upload_Length="10").status_code == 204
    for size in ("9", "11"):
        answer = upload.patch(6, b"6789", Upload_Length=size)
        assert answer.status_code == 400 and "the file of this upload has 10 bytes" in answer.text
    assert upload.offset() == 6 and upload.patch(6, b"6789", Upload_Length="10").status_code == 204
    assert download(server) == b"0123456789"


def test_how_such_an_upload_begins(make_server: ServerFactory) -> None:
    server = make_server().start()
    session = server.http("admin")
    url = new_upload_url(server)
    assert "creation-defer-length" in session.options(url).headers["Tus-Extension"].split(",")
    for headers, words in [
        ({"Upload-Defer-Length": "0"}, "the only value is 1"), ({"Upload-Defer-Length": ""}, "the only value is 1"),
        ({"Upload-Defer-Length": "1", "Upload-Length": "5"}, "mutually exclusive"), ({}, "Upload-Defer-Length: 1"),
    ]:
        answer = session.post(url, headers=headers)
        assert answer.status_code == 400 and words in answer.text, (headers, answer.text)
    assert listed(server) == [] and reserved(server) == (0, 0)


def test_curl_states_the_size_with_its_range(make_server: ServerFactory) -> None:
    server = make_server().start()
    content = contents(10)
    upload = Upload.begin(server, None)
    refused = upload.ask("PUT", data=iter([content]))
    assert refused.status_code == 400 and "send Upload-Length" in refused.text
    first = upload.ask("PUT", data=content[:4], headers={"Content-Range": "bytes 0-3/10"})
    assert (first.status_code, upload.record()["size"]) == (204, 10)
    last = upload.ask("PUT", data=content[4:], headers={"Content-Range": "bytes 4-9/10"})
    assert last.status_code == 201 and last.headers["Upload-Offset"] == "10" and download(server) == content
    whole = Upload.begin(server, None, "2.0.0")
    assert whole.ask("PUT", data=content).status_code == 201 and download(server, "2.0.0") == content


def test_digests_that_come_with_the_size_are_verified(make_server_on_each: ServerFactory) -> None:
    server = make_server_on_each().start()
    upload = Upload.begin(server, None)
    assert upload.patch(0, b"abcde").status_code == 204
    answer = upload.patch(5, b"fghiX", Upload_Length="10", X_Checksum_Sha256=sha256(b"abcdefghij"))
    assert answer.status_code == 400 and sha256(b"abcdefghiX") in answer.text
    assert upload.record() is None and download(server) is None and reserved(server) == (0, 0)
    check_sound(server, 0)


def test_digests_of_the_whole_are_verified_whenever_they_are_stated(make_server: ServerFactory) -> None:
    server = make_server().start()
    content, wrong = b"abcdef", sha256(b"other")
    for number, (size, begun, with_first, with_last) in enumerate([
        (None, wrong, None, None), (6, wrong, None, None), (None, None, wrong, None), (6, None, wrong, None),
        (None, None, None, wrong), (6, None, None, wrong),
    ]):
        version = f"1.0.{number}"
        upload = Upload.begin(server, size, version, **({"X_Checksum_Sha256": begun} if begun else {}))
        first = upload.patch(0, content[:3], **({"X_Checksum_Sha256": with_first} if with_first else {}))
        assert first.status_code == 204
        stated = {"X_Checksum_Sha256": with_last} if with_last else {}
        last = upload.patch(3, content[3:], Upload_Length="6", **stated)
        assert last.status_code == 400 and sha256(content) in last.text, (number, last.text)
        assert download(server, version) is None and upload.record() is None
    whole = Upload.begin(server, 6, "2.0.0")
    assert whole.ask("PUT", data=content, headers={"X-Checksum-Sha256": wrong}).status_code == 400
    # The one that was stated first is not forgotten for another.
    for size in (None, 6):
        upload = Upload.begin(server, size, "3.0.0", X_Checksum_Sha256=wrong)
        answer = upload.patch(0, content, Upload_Length="6", X_Checksum_Sha256=sha256(content))
        assert answer.status_code == 400 and "another digest" in answer.text and upload.offset() == 0
    assert upload.patch(0, content, Upload_Length="6", X_Checksum_Sha512="0" * 127).status_code == 400
    assert listed(server) and download(server, "3.0.0") is None
    right = Upload.begin(server, None, "4.0.0", X_Checksum_Sha256=sha256(content))
    assert right.patch(0, content, Upload_Length="6", X_Checksum_Sha256=sha256(content)).status_code == 204
    assert download(server, "4.0.0") == content


def test_room_is_set_aside_as_bytes_come(make_server_on_each: ServerFactory) -> None:
    server = make_server_on_each(options=["--limits-total-size", "5MiB", "--limits-file-size", "4MiB"]).start()
    content = contents(5 * MEBIBYTE)
    upload = Upload.begin(server, None)
    assert reserved(server) == (0, 1)
    assert upload.patch(0, content[: 2 * MEBIBYTE]).status_code == 204
    assert reserved(server) == (2 * MEBIBYTE, 1)
    too_large = upload.patch(2 * MEBIBYTE, content[2 * MEBIBYTE :])
    assert too_large.status_code == 413 and "limits.file-size" in too_large.text
    stated = upload.patch(2 * MEBIBYTE, b"", Upload_Length=str(4 * MEBIBYTE + 1))
    assert stated.status_code == 413 and upload.offset() == 2 * MEBIBYTE
    assert reserved(server) == (2 * MEBIBYTE, 1)
    # Another takes what is left; then this one finds no room, also not by stating its size.
    other = Upload.begin(server, 2 * MEBIBYTE, "2.0.0")
    for headers in ({}, {"Upload_Length": str(4 * MEBIBYTE)}):
        full = upload.patch(2 * MEBIBYTE, content[2 * MEBIBYTE : 4 * MEBIBYTE], **headers)
        assert full.status_code == 507 and "limits.total-size" in full.text, full.text
        assert upload.record()["offset"] == 2 * MEBIBYTE
    assert other.drop() == 204
    assert upload.patch(2 * MEBIBYTE, content[2 * MEBIBYTE : 3 * MEBIBYTE], Upload_Length=str(4 * MEBIBYTE)).status_code == 204
    # What is set aside is the size now, not more.
    assert reserved(server) == (4 * MEBIBYTE, 1)
    assert upload.patch(3 * MEBIBYTE, content[3 * MEBIBYTE : 4 * MEBIBYTE]).status_code == 204
    assert download(server) == content[: 4 * MEBIBYTE] and reserved(server) == (0, 0)
    dropped = Upload.begin(server, None, "3.0.0")
    assert dropped.patch(0, content[:MEBIBYTE]).status_code == 204 and dropped.drop() == 204
    assert reserved(server) == (0, 0)
    check_sound(server, 1)


def test_who_ends_it_at_the_same_moment_publishes_it_once(make_server_on_each: ServerFactory) -> None:
    server = make_server_on_each().start()
    for turn in range(5):
        version = f"{turn}.0.0"
        upload = Upload.begin(server, None, version)
        assert upload.patch(0, b"01234").status_code == 204
        answers = at_once(4, lambda _: Upload(server, upload.path).patch(5, b"56789", Upload_Length="10"))
        statuses = {answer.status_code for answer in answers}
        assert statuses <= {204, 409} and 204 in statuses, statuses
        assert download(server, version) == b"0123456789"
    assert listed(server) == [] and reserved(server) == (0, 0)
    assert server.run_admin("fsck").returncode == SOUND


def test_a_crash_keeps_what_came_and_what_was_stated(make_server_on_each: ServerFactory) -> None:
    server = make_server_on_each().start()
    upload, other = Upload.begin(server, None), Upload.begin(server, None, "2.0.0")
    assert upload.patch(0, b"01234").status_code == 204
    assert other.patch(0, b"01234", Upload_Length="6").status_code == 204
    server.kill()
    server.start()
    assert upload.offset() == 5 and "size" not in upload.record() and other.record()["size"] == 6
    assert upload.patch(5, b"5", Upload_Length="6").status_code == 204 and other.patch(5, b"5").status_code == 204
    assert download(server) == download(server, "2.0.0") == b"012345"


def test_the_description_requires_no_header_that_a_response_lacks(make_server: ServerFactory) -> None:
    server = make_server().start()
    session = server.http("admin")
    paths = session.get(server.url + "/api/openapi.json", timeout=60).json()["paths"]
    collection, single = (
        next(path for path in paths if path.startswith("/api/granary/v1/uploads/") and path.count("/") == slashes)
        for slashes in (8, 5)
    )
    for size in ({"Upload-Length": "10"}, {"Upload-Defer-Length": "1"}):
        url = new_upload_url(server, "1.0.0", "tool.bin", "admin")
        begun = session.post(url, headers=size, timeout=60)
        upload = server.url + begun.headers["Location"].removeprefix(server.url)
        responses = [(collection, "post", begun), (single, "get", session.get(upload, timeout=60)),
                     (single, "patch", session.patch(upload, data=b"0", timeout=60, headers={
                         "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}))]
        for path, method, response in responses:
            described = paths[path][method]["responses"][str(response.status_code)]["headers"]
            required = {name for name, header in described.items() if header.get("required")}
            assert required and not [name for name in required if name not in response.headers], (method, size)
