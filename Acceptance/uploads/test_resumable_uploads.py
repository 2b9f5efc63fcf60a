# SPDX-License-Identifier: Apache-2.0
"""Uploads in pieces: what was told to be there is there, whatever breaks, and the file is whole or it is none."""

from __future__ import annotations

import json
import random
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

from disks import fill, small_disk
from drafts import Draft, at_once
from files import contents, download, put
from granary_server import ADMIN_PASSWORD, CONTRACTS, GranaryServer
from hashing import sha256
from raw_http import CREDENTIALS
from registry_checks import SOUND, check_sound, reserved, staged_bytes, usage
from resumable import PIECE, Upload, listed, new_upload_url
from server_fixtures import NodesFactory, ServerFactory
from sizes import MEBIBYTE
from waiting import wait_until

#: So much is made durable at a time.
STEP = 64 * MEBIBYTE
#: So much is gathered before it is written.
BUFFER = 128 * 1024


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


def test_a_client_that_cannot_send_patch_says_it_in_a_header(make_server: ServerFactory) -> None:
    """tus-js-client does, where a browser or a proxy knows fewer methods."""
    server = make_server().start()
    upload = Upload.begin(server, 10)
    override = PIECE | {"X-HTTP-Method-Override": "PATCH"}
    for offset in (0, 5):
        answer = upload.ask("POST", data=b"01234", headers=override | {"Upload-Offset": str(offset)})
        assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, str(offset + 5))
    assert download(server) == b"0123401234"
    # Nowhere else, and to no method that the path does not have.
    file = server.file_url("admin", "tool", "1.0.0", "tool.bin")
    assert server.http("admin").post(file, headers={"X-HTTP-Method-Override": "DELETE"}).status_code == 405
    assert upload.ask("POST", headers={"X-HTTP-Method-Override": "TRACE"}).status_code == 405
    assert download(server) == b"0123401234"


def test_a_stop_keeps_what_came(make_server_on_each: ServerFactory) -> None:
    server = make_server_on_each(
        environment={"GRANARY_ADMIN_PASSWORD": ADMIN_PASSWORD, "GRANARY_TIMEOUTS_SHUTDOWN": "1s"}
    ).start()
    content = contents(4 * MEBIBYTE)
    upload = Upload.begin(server, len(content))
    with upload.connect(0, len(content)) as connection:
        connection.send(content[: 3 * MEBIBYTE])
        wait_until(lambda: staged_bytes(server) >= 2 * MEBIBYTE, "the server stages the body")
        assert server.stop() == 0
    server.start()
    offset = upload.offset()
    assert 2 * MEBIBYTE <= offset <= 3 * MEBIBYTE
    assert upload.patch(offset, content[offset:]).status_code == 204 and download(server) == content
    check_sound(server, 1)


def test_the_last_answer_is_lost(make_server_on_each: ServerFactory) -> None:
    server = make_server_on_each().start()
    content = contents(MEBIBYTE)
    upload = Upload.begin(server, len(content))
    with upload.connect(0, len(content)) as connection:
        connection.send(content)
        connection.reset()

    def is_published() -> bool:
        """Asks where to go on, and sends what is missing, if anything, while the first request may still run."""
        record = upload.record()
        if not record["published"]:
            answer = upload.patch(record["offset"], content[record["offset"] :])
            assert answer.status_code in (204, 409), answer.text
        return record["published"]

    wait_until(is_published, "it is published")
    assert upload.offset() == len(content) and download(server) == content
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
    upload = Upload.begin(server, len(content))
    assert upload.patch(0, content[:-1]).status_code == 204
    with upload.connect(len(content) - 1, 1) as connection:
        connection.send(content[-1:])
        wait_until(lambda: staged_bytes(server) >= 32 * MEBIBYTE, "the file is put together")
        server.kill()
        assert connection.receive_or_none("PATCH") is None, "the kill was to come before the answer"
    server.start()
    uploader = TusClient(server.url, headers=CREDENTIALS).uploader(str(path), url=upload.url)
    uploader.upload()
    assert uploader.offset == len(content)
    wait_until(lambda: download(server) == content, "what a client was told to be complete is published")
    check_sound(server, 1)


@pytest.mark.timeout(240)
def test_kill_in_the_middle_of_pieces(make_server_on_each: ServerFactory) -> None:
    server = make_server_on_each().start()
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")
    choose = random.Random(seed)
    content = contents(2 * STEP + 48 * MEBIBYTE + 12_345)
    upload = Upload.begin(server, len(content), X_Checksum_Sha256=sha256(content))
    kept = 0
    # How much is sent, and whether a step is durable by then.
    rounds = [(MEBIBYTE, False), (STEP + 5 * MEBIBYTE, False), (STEP // 2, False), (STEP + 5 * MEBIBYTE, True)]
    for length, is_durable in rounds:
        sent = kept
        stop = kept + length
        with upload.connect(kept, len(content) - kept) as connection:
            while sent < stop:
                part = content[sent : min(sent + MEBIBYTE, stop)]
                connection.send(part)
                sent += len(part)
            if is_durable:
                wait_until(lambda: upload.offset() > kept, "a step is durable")
            seen = upload.offset()
            # The moment of the kill is the test's input, not a wait for something.
            threading.Event().wait(choose.random() * 0.1)
            server.kill()
        server.start()
        offset = upload.offset()
        assert kept <= seen <= offset <= sent, f"{kept} <= {seen} <= {offset} <= {sent}"
        # Besides what was still on its way.
        assert offset > sent - STEP - 16 * MEBIBYTE, "no more is lost than one step"
        kept = offset
        assert download(server) is None
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
        # It is published: an empty piece changes nothing.
        assert own.patch(len(content), b"").status_code == 204

    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(client, range(clients)))
    return statuses


def test_clients_race_on_one_upload(make_server_on_each: ServerFactory) -> None:
    server = make_server_on_each().start()
    content = contents(300_000)
    upload = Upload.begin(server, len(content), X_Checksum_Sha256=sha256(content))
    statuses = race([server], upload, content)
    assert statuses[409] > 0, "nobody met another one: the test shows nothing"
    assert download(server) == content and upload.is_published()
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


def test_many_ask_for_the_end_at_once(make_server_on_each: ServerFactory) -> None:
    server = make_server_on_each().start()
    for turn in range(5):
        upload = Upload.begin(server, 10, f"1.0.{turn}")
        server.admin("owner", "set-limits", "admin", "--file-size", "5")
        assert upload.patch(0, b"0123456789").status_code == 413 and upload.offset() == 9
        server.admin("owner", "set-limits", "admin", "--file-size", "none")
        answers = at_once(8, lambda _: upload.at(server).patch(9, b"9"))
        # Whoever comes later is told that all is there, which is success.
        told = {(answer.status_code, answer.headers.get("Upload-Offset")) for answer in answers}
        assert (204, "10") in told and told <= {(204, "10"), (409, "10")}, told
        assert download(server, f"1.0.{turn}") == b"0123456789"


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
    # The last byte counts when the file is published: an offset at the end is success for clients of tus.
    assert upload.offset() == 999 and not upload.is_published() and download(server) is None
    server.admin("owner", "set-limits", "admin", "--total-size", "none")
    assert upload.patch(1000, b"").status_code == 409
    assert upload.patch(999, b"a").status_code == 204 and download(server) == b"a" * 1000
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


@pytest.mark.parametrize("contract", CONTRACTS)
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
        assert upload.patch(5, b".").status_code == status and not upload.is_published()
        assert upload.drop() == 204 and upload.record() is None
    # Or what stood in the way goes.
    upload = Upload.begin(server, 6, "1.0.2")
    assert put(server, b"others", "1.0.2") == 201 and upload.patch(0, b"mine..").status_code in (400, 409)
    assert server.http("admin").delete(server.version_url("admin", "tool", "1.0.2"), timeout=60).status_code == 204
    assert upload.patch(5, b".").status_code == 204 and download(server, "1.0.2") == b"mine.."
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
def test_a_disk_that_is_full_for_a_while(make_server: ServerFactory, tmp_path: Path) -> None:
    """A file that is put together needs its room twice for a moment; what came is kept until there is some."""
    content = contents(30 * MEBIBYTE)
    with small_disk(tmp_path / "disk", "96m") as disk:
        server = make_server(data=disk / "data", pair=None).start()
        try:
            upload = Upload.begin(server, len(content))
            assert upload.patch(0, content[: 20 * MEBIBYTE]).status_code == 204
            fill(disk / "ballast", leave=4 * MEBIBYTE)
            with upload.connect(20 * MEBIBYTE, None) as connection:
                part = content[20 * MEBIBYTE : 29 * MEBIBYTE]
                with suppress(OSError):
                    connection.send(b"%x\r\n%b\r\n0\r\n\r\n" % (len(part), part))
                answer = connection.receive_or_none("PATCH")
                assert answer is None or answer.status in (503, 507), answer
            wait_until(lambda: not server.staged_files(), "what has no room is removed")
            offset = upload.offset()
            assert offset == 20 * MEBIBYTE
            (disk / "ballast").unlink()
            assert upload.patch(offset, content[offset:-MEBIBYTE]).status_code == 204
            # Enough for the piece, and not for the file.
            fill(disk / "ballast", leave=16 * MEBIBYTE)
            refused = upload.patch(len(content) - MEBIBYTE, content[-MEBIBYTE:])
            assert refused.status_code == 507 and "are kept" in refused.text, refused.text
            assert download(server) is None
            assert upload.offset() == len(content) - 1 and not upload.is_published()
            wait_until(lambda: not server.staged_files(), "what has no room is removed")
            (disk / "ballast").unlink()
            wait_until(lambda: upload.patch(len(content) - 1, content[-1:]).status_code == 204, "there is room")
            assert download(server) == content
            check_sound(server, 1)
        finally:
            server.kill()


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


def test_an_owner_that_goes_while_its_uploads_come(make_server_on_each: ServerFactory) -> None:
    server = make_server_on_each().start()
    admin = server.http("admin")
    problems = []
    for turn in range(4):
        owner = server.create_user(f"user-{turn}")
        uploads = [Upload.begin(server, 10, file=f"{number}.bin", draft=number == 2, owner=owner) for number in range(3)]

        def work(number: int, owner: str = owner, uploads: list[Upload] = uploads) -> requests.Response:
            if number < 3:
                return uploads[number].at(server).patch(0, b"0123456789")
            if number == 3:
                return admin.delete(f"{server.url}/api/v1/admin/users/{owner}?purge=true", timeout=60)
            return Draft(server, "3.0.0", owner=owner).put("tool.bin", b"x")

        for number, answer in enumerate(at_once(5, work)):
            # A version that exists already is the documented contract's answer to the second of two files.
            allowed = {204} if number == 3 else {201, 204, 400, 404}
            if answer.status_code not in allowed:
                problems.append(f"turn {turn}, {number}: {answer.status_code} {answer.text}")
        assert all(upload.record() is None for upload in uploads)
    assert not problems, "\n".join(problems)
    check_sound(server, 0)
