# SPDX-License-Identifier: Apache-2.0
"""Weaknesses that registries of this kind are known for, in publishing and storing: each is shown to be absent."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from curl import AS_ADMIN, curl
from engines import Engines, Pair, database_name
from granary_server import CONTRACTS, CURRENT, USER_PASSWORD, GranaryServer
from hashing import sha256
from load import publish_together
from raw_http import CREDENTIALS, RawConnection, exchange, head
from registry_checks import staged_bytes
from server_fixtures import NothingStaged, ServerFactory
from sizes import MEBIBYTE
from waiting import wait_until


def target(name: str, version: str = "1.0.0", file: str = "tool.bin", owner: str = "admin") -> str:
    return f"/api/packages/{owner}/generic/{name}/{version}/{file}"


def put(server: GranaryServer, path: str, content: bytes = b"x") -> int:
    return server.http("admin").put(server.url + path, data=content, timeout=60).status_code


def upload_head(path: str, length: int, **more: str) -> bytes:
    return head("PUT", path, CREDENTIALS | {"Content-Length": str(length)} | more)


def test_w01_no_transaction_waits_for_an_upload(make_server_on_each: ServerFactory) -> None:
    """A large upload keeps the database locked until its last byte, and everybody else waits or fails."""
    server = make_server_on_each(options=CURRENT).start()
    server.create_user("robot")
    token = server.create_token("robot", "write:package")
    with RawConnection(server.url) as slow:
        slow.send(upload_head(target("slow"), 4 * MEBIBYTE) + bytes(3 * MEBIBYTE))
        wait_until(lambda: staged_bytes(server) >= MEBIBYTE, "the server stages the body")
        session = server.token_session(token)
        for number in range(10):
            url = server.url + target("quick", f"1.0.{number}", owner="robot")
            assert session.put(url, data=b"quick", timeout=20).status_code == 201
        # Another file of the same version does not wait either.
        assert put(server, target("slow", file="other.bin")) == 201
        assert server.create_token("robot", name="meanwhile")
        slow.send(bytes(MEBIBYTE))
        assert slow.receive("PUT").status == 201
    assert len(server.record("admin", "slow", "1.0.0")["files"]) == 2


def test_w03_an_upload_that_breaks_off_leaves_no_bytes(server: GranaryServer, nothing_staged: NothingStaged) -> None:
    """Uploads that are cut off behind the part that is kept in memory leave their temporary files on the disk."""
    for number in range(3):
        connection = RawConnection(server.url)
        connection.send(upload_head(target("cut", f"1.0.{number}"), 64 * MEBIBYTE) + bytes(33 * MEBIBYTE))
        wait_until(lambda: staged_bytes(server) > 32 * MEBIBYTE, "the server stages the body")
        connection.reset()
        nothing_staged(server)
    assert server.blob_names() == []
    left = [path for path in server.data.rglob("*") if path.is_file() and path.stat().st_size > 8 * MEBIBYTE]
    assert left == []


def test_w04_a_file_over_the_limit_is_refused_by_its_head(make_server: ServerFactory) -> None:
    """A file over the limit is read, hashed and stored before it is refused."""
    server = make_server(options=["--limits-file-size", "1MiB"]).start()
    for more in [{}, {"Expect": "100-continue"}]:
        with RawConnection(server.url) as connection:
            # Not one byte of the fifty gigabytes is sent.
            connection.send(upload_head(target("huge"), 50_000_000_000, **more))
            answer = connection.receive("PUT")
        assert answer.status == 413 and answer.interim == [], answer
        assert "1 MiB" in answer.text or "1048576" in answer.text, answer.text
    assert server.staged_files() == []
    assert put(server, target("huge"), bytes(MEBIBYTE)) == 201


def test_w05_every_byte_is_written_once(make_server: ServerFactory) -> None:
    """Every byte is written twice, to a temporary file and to the store, and much of it is held in memory."""
    server = make_server(pair=None).start()
    size = 16 * MEBIBYTE
    process = Path(f"/proc/{server.process.pid}/io")

    def written() -> int:
        return int(next(line for line in process.read_text().splitlines() if line.startswith("wchar")).split()[1])

    before = written()
    with RawConnection(server.url) as connection:
        connection.send(upload_head(target("once"), size) + os.urandom(size - 1))
        wait_until(lambda: len(server.staged_files()) == 1, "the server stages the body")
        (staged,) = server.staged_files()
        number = staged.stat().st_ino
        connection.send(b"x")
        assert connection.receive("PUT").status == 201
    assert size <= written() - before < size + 2 * MEBIBYTE
    (blob,) = server.blob_files()
    assert blob.stat().st_ino == number, "the blob is a copy of the file that was staged"


def test_w06_publishers_of_a_new_version_do_not_collide(make_server_on_each: ServerFactory) -> None:
    """Several first uploads to one new version end in errors of the server, most of all when letter case differs."""
    server = make_server_on_each(options=CURRENT).start()
    for owner in ["one", "two"]:
        server.create_user(owner)
    for round_number in range(4):
        version = f"1.0.{round_number}"
        uploads = [(target("Foo" if number % 2 else "foo", version, f"{number}.bin"), b"%d" % number)
                   for number in range(12)]
        uploads += [(target("foo", version, "same.bin", owner), owner.encode()) for owner in ["one", "two"]]
        assert Counter(publish_together([server], uploads)) == {201: len(uploads)}
        assert len(server.record("admin", "FOO", version)["files"]) == 12
    same = [(target("same", "1.0.0"), b"%d" % number) for number in range(12)]
    assert Counter(publish_together([server], same)) == {201: 1, 409: 11}
    packages = server.http("admin").get(f"{server.url}/api/granary/v1/packages/admin").json()["packages"]
    assert [(one["name"].lower(), one["version_count"]) for one in packages] == [("foo", 4), ("same", 1)]


def test_w07_the_same_content_under_many_names_at_once(make_server_on_each: ServerFactory) -> None:
    """Two uploads of the same bytes at one moment collide on the row of their content, and one fails."""
    server = make_server_on_each().start()
    for round_number in range(4):
        content = b"round %d" % round_number * 1000
        uploads = [(target(f"copy-{number}", f"1.0.{round_number}"), content) for number in range(12)]
        assert Counter(publish_together([server], uploads)) == {201: 12}
        assert all(server.http().get(server.url + path).content == content for path, _ in uploads)
    wait_until(lambda: len(server.blob_names()) == 4, "each content is kept once")


#: Two blocks with one MD5 (Wang and Yu, 2004).
COLLISION = [bytes.fromhex(text) for text in (
    "d131dd02c5e6eec4693d9a0698aff95c2fcab58712467eab4004583eb8fb7f89"
    "55ad340609f4b30283e488832571415a085125e8f7cdc99fd91dbdf280373c5b"
    "d8823e3156348f5bae6dacd436c919c6dd53e2b487da03fd02396306d248cda0"
    "e99f33420f577ee8ce54b67080a80d1ec69821bcb6a8839396f9652b6ff72a70",
    "d131dd02c5e6eec4693d9a0698aff95c2fcab50712467eab4004583eb8fb7f89"
    "55ad340609f4b30283e4888325f1415a085125e8f7cdc99fd91dbd7280373c5b"
    "d8823e3156348f5bae6dacd436c919c6dd53e23487da03fd02396306d248cda0"
    "e99f33420f577ee8ce54b67080280d1ec69821bcb6a8839396f965ab6ff72a70",
)]


def test_w12_files_whose_md5_collides_are_both_kept(make_server_on_each: ServerFactory) -> None:
    """Content is taken for known by its MD5 or SHA-1, so the second of two files that collide cannot be published."""
    server = make_server_on_each().start()
    md5 = {hashlib.md5(content).hexdigest() for content in COLLISION}
    assert len(md5) == 1 and COLLISION[0] != COLLISION[1]
    for number, content in enumerate(COLLISION):
        assert put(server, target("collision", f"1.0.{number}"), content) == 201
    for number, content in enumerate(COLLISION):
        assert server.http().get(server.url + target("collision", f"1.0.{number}")).content == content
        (file,) = server.record("admin", "collision", f"1.0.{number}")["files"]
        assert {file["md5"]} == md5 and file["sha256"] == sha256(content)


def test_w17_content_has_digests_and_validators(make_server: ServerFactory) -> None:
    """Downloads have neither ETag nor digest, and what is published anew within a second looks unchanged."""
    server = make_server().start()
    session = server.http("admin")
    url = server.url + target("tool")
    first = session.put(url, data=b"first")
    assert first.headers["ETag"] == f'"{sha256(b"first")}"'
    answer = session.get(url)
    assert answer.headers["ETag"] == first.headers["ETag"] and answer.headers["X-Checksum-Sha256"] == sha256(b"first")
    assert answer.headers["Repr-Digest"].startswith("sha-256=:") and "Last-Modified" in answer.headers
    known = {"If-None-Match": answer.headers["ETag"], "If-Modified-Since": answer.headers["Last-Modified"]}
    assert session.get(url, headers=known).status_code == 304
    for number in range(5):
        # At once, so that the second is mostly the same.
        assert session.delete(url).status_code == 204
        content = b"another %d" % number
        assert session.put(url, data=content).status_code == 201
        again = session.get(url, headers=known)
        assert (again.status_code, again.content) == (200, content)
        known = {"If-None-Match": again.headers["ETag"], "If-Modified-Since": again.headers["Last-Modified"]}


def test_w18_head_works_and_only_downloads_count(make_server: ServerFactory) -> None:
    """HEAD is not known, and every range, 304 and 416 counts as a download."""
    server = make_server().start()
    session = server.http("admin")
    url = server.url + target("tool")
    assert session.put(url, data=bytes(1000)).status_code == 201
    tag = session.head(url).headers["ETag"]
    assert (session.head(url).status_code, session.head(url).headers["Content-Length"]) == (200, "1000")
    for _ in range(5):
        assert session.get(url, headers={"Range": "bytes=0-9"}).status_code == 206
        assert session.get(url, headers={"Range": "bytes=5000-"}).status_code == 416
        assert session.get(url, headers={"If-None-Match": tag}).status_code == 304
    for _ in range(3):
        assert session.get(url).status_code == 200

    def count() -> int:
        return server.record("admin", "tool", "1.0.0")["files"][0]["download_count"]

    wait_until(lambda: count() >= 3, "the downloads are counted")
    assert server.restart() and count() == 3


def test_w19_a_body_is_bytes_whatever_its_type(server: GranaryServer) -> None:
    """A body that claims to be a form, as curl and wget do by default, ends in an empty error 500."""
    content = b"a=1&b=2&token=secret"
    url = server.url + target("form")
    answer = curl(*AS_ADMIN, "-X", "PUT", "--data-binary", content.decode(), url)
    assert (answer.status, server.http().get(url).content) == (201, content)
    server.create_user("robot")
    token = server.create_token("robot", "write:package")
    form = {"token": token, "access_token": token}
    refused = server.http().put(server.url + target("form", owner="robot"), data=form)
    assert refused.status_code == 401, "a token in a body was taken for a credential"
    parts = server.http("admin").put(server.url + target("parts"), files={"a": b"1", "b": b"2"})
    assert parts.status_code == 400 and "multipart forms are not supported" in parts.text
    assert server.http().get(server.url + target("parts")).status_code == 404


def test_w22_deletes_at_one_moment_leave_no_empty_version(make_server_on_each: ServerFactory) -> None:
    """Two deletes of a version's last two files leave a version without files, and an upload in between a dead row."""
    server = make_server_on_each(options=CURRENT).start()
    with ThreadPoolExecutor(3) as pool:
        for number in range(10):
            version = f"1.0.{number}"
            urls = [server.url + target("tool", version, file) for file in ("a", "b")]
            assert [server.http("admin").put(url, data=b"x").status_code for url in urls] == [201, 201]
            deletes = [pool.submit(lambda url=url: server.http("admin").delete(url).status_code) for url in urls]
            late = target("tool", version, "late")
            upload = pool.submit(lambda path=late: put(server, path, b"late")) if number % 2 else None
            assert [delete.result() for delete in deletes] == [204, 204]
            path = f"{server.url}/api/granary/v1/packages/admin/tool/{version}"
            if upload is None:
                assert server.http("admin").get(path).status_code == 404
            else:
                assert upload.result() == 201
                assert [one["name"] for one in server.http("admin").get(path).json()["files"]] == ["late"]
                assert server.http().get(server.url + late).content == b"late"
    assert "no problems" in server.admin("fsck")


def test_w23_an_answer_that_was_lost_is_found_again(make_server_on_each: ServerFactory) -> None:
    """What was stored is reported as failed, and whoever sends it again is told that it is there already."""
    server = make_server_on_each(options=CURRENT).start()
    content = b"stored" * 1000
    connection = RawConnection(server.url)
    connection.send(upload_head(target("lost"), len(content)) + content)
    url = server.url + target("lost")
    wait_until(lambda: server.http("admin").get(url).status_code == 200, "the file is published")
    # The publisher never reads its 201.
    connection.reset()
    again = server.http("admin").put(url, data=content)
    assert again.status_code == 200 and again.headers["ETag"] == f'"{sha256(content)}"'
    assert server.http("admin").get(url).content == content


@pytest.mark.parametrize("contract", CONTRACTS)
def test_w24_a_file_that_is_sent_again_is_recognized(make_server_on_each: ServerFactory, contract: str) -> None:
    """A retry of what succeeded cannot be told from an attempt to change what was published."""
    server = make_server_on_each(options=["--contract", contract]).start()
    session = server.http("admin")
    url = server.url + target("tool")
    assert session.put(url, data=b"content").status_code == 201

    def again(content: bytes, states_digest: bool) -> requests.Response:
        return session.put(url, data=content, headers={"X-Checksum-Sha256": sha256(content)} if states_digest else {})

    for states_digest in [True, False]:
        same, other = again(b"content", states_digest), again(b"other", states_digest)
        if contract == "current":
            assert same.status_code == 200
            assert other.status_code == 409 and sha256(b"content") in other.text and sha256(b"other") in other.text
        else:
            # The body is not read: what it is, is known where the client says so; else it can compare for itself.
            assert same.status_code == other.status_code == 400
            assert ("identical" if states_digest else sha256(b"content")) in same.text
            assert "identical" not in other.text and sha256(b"content") in other.text
    assert session.get(url).content == b"content"


@pytest.mark.parametrize("contract", CONTRACTS)
def test_w24_several_files_are_published_in_one_act(make_server_on_each: ServerFactory, contract: str) -> None:
    """A version is visible after its first file, and a publisher that dies leaves half of it behind for everybody."""
    server = make_server_on_each(options=["--contract", contract]).start()
    contents = {f"tool-{number}.bin": os.urandom(1000 * (number + 1)) for number in range(8)}

    def release() -> str:
        return f"{server.url}/api/granary/v1/releases/admin/tool/1.0.0"

    def put(name: str) -> int:
        return server.http("admin").put(f"{release()}/{name}", data=contents[name], timeout=60).status_code

    def look(reader: requests.Session) -> int:
        """How many files of the version everybody sees."""
        answer = reader.get(f"{server.url}/api/granary/v1/packages/admin/tool/1.0.0", timeout=60)
        return len(answer.json()["files"]) if answer.ok else 0

    with ThreadPoolExecutor(9) as pool:
        uploads = [pool.submit(put, name) for name in contents]
        while not all(upload.done() for upload in uploads):
            assert look(server.http()) == 0
        assert [upload.result() for upload in uploads] == [201] * len(contents)
        server.kill()
        server.start()
        manifest = {"files": {name: sha256(content) for name, content in contents.items()}}
        act = pool.submit(server.http("admin").post, release(), json=manifest)
        reader, seen = server.http(), {look(server.http())}
        while not act.done():
            seen.add(look(reader))
        assert act.result().status_code == 201
        assert seen <= {0, len(contents)}, seen
    for name, content in contents.items():
        assert reader.get(server.file_url("admin", "tool", "1.0.0", name)).content == content
    assert server.http("admin").post(release(), json=manifest).status_code == 200
    assert server.http("admin").get(release()).status_code == 404


def test_w25_an_upload_that_broke_off_goes_on(make_server_on_each: ServerFactory, tmp_path: Path) -> None:
    """A lost connection at 99 percent starts over, and nobody can ask how far an upload has come."""
    server = make_server_on_each().start()
    content = os.urandom(5 * MEBIBYTE)
    (tmp_path / "file").write_bytes(content)
    begun = server.http("admin").post(f"{server.url}/api/granary/v1/uploads/admin/cut/1.0.0/tool.bin",
                                      headers={"Upload-Length": str(len(content))})
    assert begun.status_code == 201
    upload = begun.headers["Location"].removeprefix(server.url)

    def offset() -> int:
        return int(server.http("admin").head(server.url + upload).headers["Upload-Offset"])

    sent = 0
    for end in [2 * MEBIBYTE, 2 * MEBIBYTE + 1, len(content) - 1]:
        part = content[sent:end]
        connection = RawConnection(server.url)
        rest = {"Content-Range": f"bytes {sent}-{len(content) - 1}/{len(content)}"}
        connection.send(upload_head(upload, len(content) - sent, **rest) + part)
        connection.finish_sending()
        # The server has what it was sent, says so, and keeps it.
        assert connection.receive("PUT").status == 400
        sent = offset()
        assert sent == end
        server.kill()
        server.start()
        assert offset() == end
        assert server.http("admin").get(server.url + target("cut")).status_code == 404
    done = curl(*AS_ADMIN, "-C", str(sent), "-T", str(tmp_path / "file"), server.url + upload)
    assert done.status == 201, done
    assert server.http("admin").get(server.url + target("cut")).content == content
    assert offset() == len(content)


def test_w25_a_plain_upload_that_broke_off_leaves_nothing(server: GranaryServer, nothing_staged: NothingStaged) -> None:
    """A lost connection leaves a part behind that is taken for the file, or that stands in the way of the next try."""
    content = os.urandom(4 * MEBIBYTE)
    url = server.url + target("cut")
    for part in [len(content) - 1, len(content) // 2, 0]:
        connection = RawConnection(server.url)
        connection.send(upload_head(target("cut"), len(content)) + content[:part])
        wait_until(lambda part=part: staged_bytes(server) >= min(part, MEBIBYTE), "the server stages the body")
        connection.reset()
        nothing_staged(server)
        assert server.http("admin").get(url).status_code == 404
    part = {"Content-Range": f"bytes {MEBIBYTE}-{len(content) - 1}/{len(content)}"}
    refused = server.http("admin").put(url, data=content[MEBIBYTE:], headers=part)
    assert refused.status_code == 400 and "/uploads/" in refused.text, refused.text
    assert server.http("admin").get(url).status_code == 404
    assert server.http("admin").put(url, data=content).status_code == 201
    assert server.http("admin").get(url).content == content


class Counters:
    """What PostgreSQL has counted for a registry's tables."""

    def __init__(self, engines: Engines, pair: Pair) -> None:
        self.engines = engines
        self.database = database_name(pair.database)

    def value(self, expression: str, table: str) -> int:
        text = self.engines.postgres.sql(
            f"SELECT {expression} FROM pg_stat_user_tables WHERE relname = '{table}'", database=self.database
        )
        return int(text.strip() or 0)


def test_w28_a_quota_is_exact_and_is_the_owners(make_server_on_each: ServerFactory) -> None:
    """Uploads at one moment overshoot a quota, equal content counts twice, and publishers are charged, not owners."""
    server = make_server_on_each(options=[*CURRENT, "--limits-owner-size", "10000"]).start()
    server.create_user("robot")
    contents = [b"%03d" % number * 300 for number in range(30)]
    uploads = [(target("quota", f"1.0.{number}", owner="robot"), content) for number, content in enumerate(contents)]
    # The administrator publishes, the owner is charged.
    statuses = publish_together([server], uploads)
    assert Counter(statuses) == {201: 11, 507: 19}
    usage = server.http("admin").get(f"{server.url}/api/granary/v1/owners/robot/usage").json()
    assert (usage["size"], usage["version_count"]) == (11 * 900, 11)
    kept = contents[statuses.index(201)]
    # What needs no room is known by the digest that the publisher states.
    again = {"X-Checksum-Sha256": sha256(kept)}
    url = server.url + target("again", owner="robot")
    assert server.http("admin").put(url, data=kept, headers=again).status_code == 201
    assert put(server, target("more", owner="robot"), b"x" * 101) == 507
    assert server.http("admin").get(f"{server.url}/api/granary/v1/owners/robot/usage").json()["size"] == 11 * 900
    assert put(server, target("own"), b"y" * 9000) == 201


def test_w30_a_token_is_not_written_at_every_use(
    make_server: ServerFactory, make_pair: Callable[[], Pair], engines: Engines
) -> None:
    """Every request with a token writes its row and computes a slow hash."""
    pair = make_pair()
    server = make_server(pair=pair).start()
    server.create_user("robot")
    counters = Counters(engines, pair)
    token = server.create_token("robot", "write:package")
    sessions = [server.http("robot"), server.token_session(token)]
    for session in sessions:
        for _ in range(40):
            assert session.get(f"{server.url}/api/granary/v1/user", timeout=20).json()["login"] == "robot"
    assert USER_PASSWORD not in server.log_tail() and token not in server.log_tail()
    # The server's sessions tell their counts when they have been idle for a moment.
    wait_until(lambda: counters.value("n_tup_ins", "access_token") == 1, "the counts are told")
    wait_until(lambda: counters.value("n_tup_upd", "access_token") >= 1, "the use is noted")
    assert counters.value("n_tup_upd", "access_token") == 1
    # Password and token were looked up once, not forty times; the rest is asked by commands.
    assert counters.value("seq_scan + idx_scan", "account") < 20


def test_w33_the_latest_version_is_the_highest(make_server_on_each: ServerFactory) -> None:
    """The latest version is whichever was published last, or of those of one second the wrong one."""
    server = make_server_on_each(options=CURRENT).start()
    session = server.http("admin")

    def latest() -> list[str]:
        gitea = session.get(f"{server.url}/api/v1/packages/admin/generic/tool/-/latest").json()["version"]
        own = session.get(f"{server.url}/api/granary/v1/packages/admin").json()["packages"][0]["latest_version"]
        return [gitea, own]

    for version, expected in [("nightly", "nightly"), ("1.0.0-rc.9", "1.0.0-rc.9"), ("1.0.0-rc.10", "1.0.0-rc.10"),
                              ("10.0.0", "10.0.0"), ("9.0.0", "10.0.0"), ("11.0.0-rc.1", "10.0.0"), ("zzz", "10.0.0"),
                              ("10.0.0+b", "10.0.0+b")]:
        assert put(server, target("tool", version.replace("+", "%2B"))) == 201
        assert latest() == [expected, expected], version
    url = f"{server.url}/api/granary/v1/packages/admin/tool?sort=semver"
    versions = [one["version"] for one in session.get(url).json()["versions"]]
    assert versions == ["11.0.0-rc.1", "10.0.0+b", "10.0.0", "9.0.0", "1.0.0-rc.10", "1.0.0-rc.9", "zzz", "nightly"]


@pytest.mark.parametrize("contract", CONTRACTS)
def test_w34_versions_are_bounded(make_server_on_each: ServerFactory, contract: str) -> None:
    """Any text is a version, with slashes and control characters, and one that is too long is a server error."""
    server = make_server_on_each(options=["--contract", contract]).start()
    refused = ["%2E%2E", ".", "a%2Fb", "..%2F..%2Fetc", "a%5Cb", "a%00b", "a%0Ab", "%1B%5B31m", "%20a", "a%20",
               "%C2%85", "1.0.0-" + "x" * 250, "x" * 256, "%F0%9F%98%80" * 64, "%FF"]
    for version in refused:
        answer = exchange(server.url, "PUT", target("tool", version), CREDENTIALS | {"Content-Length": "1"}, b"x")
        assert answer.status == 400 and len(answer.text.split()) > 3, (version, answer)
    longest = "1.0.0-" + "x" * 249
    assert put(server, target("tool", longest)) == 201
    assert server.record("admin", "tool", longest)["version"] == longest
    packages = server.http("admin").get(f"{server.url}/api/granary/v1/packages/admin").json()["packages"]
    assert [one["version_count"] for one in packages] == [1]
