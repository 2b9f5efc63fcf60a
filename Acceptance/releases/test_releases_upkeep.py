# SPDX-License-Identifier: Apache-2.0
"""Drafts and everything else: limits, maintenance, crashes, and drafts that nobody goes on with."""

from __future__ import annotations

import random
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from drafts import FILES, Draft, at_once, digests
from files import delete, put
from granary_server import ADMIN_PASSWORD, CONTRACTS, CURRENT
from registry_checks import check_sound, reserved, usage
from server_fixtures import PairFactory, ServerFactory
from waiting import wait_until

#: How often the same meeting is tried.
TURNS = 6


def test_drafts_take_room(make_server_on_each: ServerFactory) -> None:
    server = make_server_on_each(options=["--limits-owner-size", "1000", "--limits-owner-versions", "2"]).start()
    draft = Draft(server)
    assert draft.put("a.bin", b"a" * 400).status_code == 201
    assert draft.put("b.bin", b"b" * 400).status_code == 201
    assert reserved(server) == (800, 1) and usage(server)["size"] == 0
    for refused in (draft.put("c.bin", b"c" * 201), Draft(server, "2.0.0").put("c.bin", b"c" * 201)):
        assert refused.status_code == 507 and "1000 bytes" in refused.text, refused.text
    assert put(server, b"c" * 201, "2.0.0", "c.bin") == 507
    assert reserved(server) == (800, 1)
    assert draft.put("b.bin", b"b" * 100).status_code == 201, "it becomes smaller"
    assert reserved(server) == (500, 1)
    assert draft.ask("DELETE", "a.bin").status_code == 204
    assert Draft(server, "2.0.0").put("c.bin", b"c" * 900).status_code == 201
    assert reserved(server) == (1000, 2)
    for version in ("3.0.0", "4.0.0"):
        refused = Draft(server, version).put("empty.bin", b"")
        assert refused.status_code == 507 and "2 versions" in refused.text, refused.text
    # What was set aside is what is taken.
    assert draft.publish().status_code == 201
    assert (usage(server)["size"], reserved(server)) == (100, (900, 1))
    assert Draft(server, "2.0.0").ask("DELETE").status_code == 204
    assert (usage(server)["size"], usage(server)["version_count"], reserved(server)) == (100, 1, (0, 0))
    assert put(server, b"c" * 900, "2.0.0", "c.bin") == 201


@pytest.mark.parametrize("announced", [True, False])
def test_of_many_files_that_come_at_once_those_have_room_that_fit(
    make_server_on_each: ServerFactory, announced: bool
) -> None:
    server = make_server_on_each(options=["--limits-owner-size", "5999", "--limits-owner-versions", "3"]).start()

    def send(number: int) -> requests.Response:
        content = b"%04d" % number * 250
        body = content if announced else iter([content[:500], content[500:]])
        return Draft(server, f"1.0.{number % 2}").ask("PUT", f"{number}.bin", data=body)

    answers = at_once(24, send)
    statuses = Counter(answer.status_code for answer in answers)
    if announced:
        assert statuses == {201: 5, 507: 19}
    kept = {version: Draft(server, version).content() or {} for version in ("1.0.0", "1.0.1")}
    count = sum(map(len, kept.values()))
    assert statuses == {201: count, 507: 24 - count} and 0 < count <= 5
    assert usage(server)["reserved_size"] == 1000 * count
    for version, files in kept.items():
        if files:
            assert Draft(server, version).publish(files).status_code == 201
    assert (usage(server)["size"], reserved(server)) == (1000 * count, (0, 0))
    check_sound(server, count)


def test_a_lower_limit_refuses_the_act_and_nothing_is_lost(make_server_on_each: ServerFactory) -> None:
    server = make_server_on_each().start()
    files = {"a.bin": b"a" * 600, "b.bin": b"b" * 600}
    draft = Draft(server).fill(files)
    server.admin("owner", "set-limits", "admin", "--total-size", "1000")
    refused = draft.publish(digests(files))
    assert refused.status_code == 507 and "1000 bytes" in refused.text, refused.text
    assert draft.content() == digests(files) and draft.published() is None and reserved(server) == (1200, 1)
    server.admin("owner", "set-limits", "admin", "--total-size", "1200")
    assert draft.publish(digests(files)).status_code == 201
    assert (usage(server)["size"], reserved(server)) == (1200, (0, 0))


# Administration


def test_collection_check_backup_and_export_know_drafts(
    make_server_on_each: ServerFactory, make_server: ServerFactory, make_pair: PairFactory, tmp_path: Path
) -> None:
    server = make_server_on_each().start()
    draft = Draft(server).fill(FILES)
    Draft(server, "2.0.0").fill({"tool-0.bin": FILES["tool-0.bin"], "own.bin": b"own"})
    check_sound(server, len(FILES) + 1)
    server.admin("backup", str(tmp_path / "backup"))
    # On the other engine: the export is the same for all.
    restored = make_server(pair=None if server.pair else make_pair(fresh=True))
    restored.admin("restore", str(tmp_path / "backup"))
    restored.start()
    copy = draft.at(restored)
    assert copy.content() == digests(FILES) and reserved(restored) == reserved(server)
    Draft(restored, "3.0.0").fill({"new.bin": b"new"})
    assert copy.put("more.bin", b"more").status_code == 201
    assert copy.publish(digests(FILES | {"more.bin": b"more"})).status_code == 201
    assert all(copy.download(name) == content for name, content in FILES.items())
    assert Draft(restored, "2.0.0").publish().status_code == 201
    check_sound(restored, len(FILES) + 3)
    assert draft.ask("DELETE").status_code == 204
    check_sound(server, 2)
    assert Draft(server, "2.0.0").publish(digests({"tool-0.bin": FILES["tool-0.bin"], "own.bin": b"own"})).ok
    assert Draft(server, "2.0.0").download("tool-0.bin") == FILES["tool-0.bin"]


def test_drafts_that_come_and_go_share_content_that_is_collected_at_the_same_time(
    make_server_on_each: ServerFactory,
) -> None:
    server = make_server_on_each().start()
    contents = [b"shared %d" % number * 100 for number in range(3)]
    over = threading.Event()

    def work(number: int) -> int:
        published = 0
        for turn in range(10):
            draft = Draft(server, f"{number}.{turn}.0")
            files = {f"{index}.bin": content for index, content in enumerate(contents)}
            draft.session = server.http("admin")
            for name, content in files.items():
                answer = draft.put(name, content)
                assert answer.status_code == 201, answer.text
            if turn % 3:
                assert draft.ask("DELETE").status_code == 204
            else:
                answer = draft.publish(digests(files))
                assert answer.status_code == 201, answer.text
                assert [draft.download(name) for name in files] == contents
                published += 1
                delete(server, draft.version)
        return published

    def collect() -> int:
        rounds = 0
        while not over.is_set():
            server.admin("gc")
            rounds += 1
        return rounds

    with ThreadPoolExecutor(5) as pool:
        collections = pool.submit(collect)
        try:
            assert list(pool.map(work, range(4))) == [4] * 4
        finally:
            over.set()
        assert collections.result() > 1
    check_sound(server, 0)


@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_draft_and_its_version_are_published_at_the_same_moment(
    make_server_on_each: ServerFactory, contract: str
) -> None:
    """All who touch one version wait for each other in one order: nobody is told that something went wrong."""
    server = make_server_on_each(options=["--contract", contract, "--limits-owner-size", "1GiB"]).start()
    session = server.http("admin")
    for turn in range(TURNS):
        draft = Draft(server, f"1.0.{turn}").fill({"a.bin": b"shared", "b.bin": b"own %d" % turn})
        url = server.file_url("admin", "tool", draft.version, "c.bin")

        def work(number: int, draft: Draft = draft, url: str = url) -> tuple[str, int, str]:
            own = draft.at(server)
            if number % 3 == 0:
                what, answer = "publish", own.publish()
            elif number % 3 == 1:
                what, answer = "put", session.put(url, data=b"shared", timeout=60)
            else:
                what, answer = "draft", own.put(f"{number}.bin", b"shared")
            return what, answer.status_code, answer.text

        with ThreadPoolExecutor(9) as pool:
            answers = list(pool.map(work, range(9)))
        for what, status, text in answers:
            assert status < 500, f"turn {turn}: {what} {status} {text}"
        assert any(status == 201 for what, status, _ in answers if what != "draft")
    for turn in range(TURNS):
        draft = Draft(server, f"1.0.{turn}")
        if draft.content():
            assert draft.ask("DELETE").status_code == 204
    assert reserved(server) == (0, 0)
    assert server.run_admin("fsck").returncode == 0


# Its end


def test_kill_while_files_come_and_while_it_is_published(make_server_on_each: ServerFactory) -> None:
    server = make_server_on_each(options=CURRENT).start()
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")
    choose = random.Random(seed)
    open_ends = 0
    for number in range(6):
        draft = Draft(server, f"1.0.{number}")
        files = {name: b"%d" % number + content * 50 for name, content in FILES.items()}
        # The password is known then, which takes time after each start.
        draft.content()
        if number % 2:
            draft.fill(files)
        acknowledged: dict[str, bytes] = {}

        def work(file: tuple[str, bytes], draft: Draft = draft, files: dict = files, done: dict = acknowledged) -> bool:
            own = draft.at(server)
            try:
                answer = own.publish(digests(files)) if draft.version[-1] in "1357" else own.put(*file)
            except requests.RequestException:
                return False
            assert answer.status_code in (200, 201) or answer.status_code >= 500, answer.text
            if answer.ok:
                done[file[0]] = file[1]
            return answer.ok

        with ThreadPoolExecutor(4) as pool:
            results = [pool.submit(work, file) for file in files.items()]
            # The moment of the kill is the test's input, not a wait for something.
            threading.Event().wait(choose.random() * (0.04 if number % 2 else 0.15))
            server.kill()
            answered = [result.result() for result in results]
        open_ends += answered.count(False) > 0
        server.start()
        kept, published = draft.content(), draft.published()
        if number % 2:
            assert (kept, published) in ((digests(files), None), (None, digests(files)))
            assert published or not any(answered), "it was acknowledged"
            assert draft.publish(digests(files)).status_code == (200 if published else 201)
        else:
            assert published is None
            assert digests(acknowledged).items() <= (kept or {}).items() <= digests(files).items()
            draft.fill(files)
            assert draft.publish(digests(files)).status_code == 201
        assert all(draft.download(name) == content for name, content in files.items())
    assert open_ends >= 2, "too few kills met a request: the test shows little"
    assert reserved(server) == (0, 0)
    wait_until(lambda: not server.staged_files(), "staging/ is empty")
    check_sound(server, 6 * len(FILES))


def test_a_draft_expires_some_time_after_its_last_file(make_server_on_each: ServerFactory) -> None:
    server = make_server_on_each(
        options=["--limits-owner-size", "1000", "--limits-owner-versions", "1"],
        environment={"GRANARY_ADMIN_PASSWORD": ADMIN_PASSWORD, "GRANARY_TIMEOUTS_DRAFT": "1s"},
    ).start()
    draft = Draft(server).fill({"tool.bin": b"x" * 900})
    wait_until(lambda: reserved(server) == (0, 0), "its room is free")
    wait_until(lambda: server.admin("gc", "--grace", "0s") and draft.content() is None, "it is gone")
    assert draft.publish().status_code == 404
    check_sound(server, 0)
    assert put(server, b"y" * 1000, "2.0.0", "tool.bin") == 201
