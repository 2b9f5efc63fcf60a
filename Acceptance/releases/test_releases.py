# SPDX-License-Identifier: Apache-2.0
"""Drafts: files come in any order, nobody sees them, and one act makes them all visible; or none, whatever happens."""

from __future__ import annotations

import json
import random
import threading
from collections import Counter

import pytest
import requests

from drafts import FILES, Draft, at_once, digests
from files import delete, put
from granary_server import CONTRACTS, CURRENT, GranaryServer
from hashing import sha256
from registry_checks import check_sound, create_acme, reserved, usage
from server_fixtures import NodesFactory, ServerFactory
from waiting import wait_until

CLIENTS = 8


def already(contract: str) -> int:
    """The refusal of what is published already."""
    return 409 if contract == "current" else 400


# All at once


class Readers:
    """Clients that look at a version in all ways, again and again, and note whatever is neither nothing nor all."""

    def __init__(self, draft: Draft, servers: list[GranaryServer]) -> None:
        self.draft, self.servers = draft, servers
        self.problems: list[str] = []
        self.over = threading.Event()
        self.looks = Counter[str]()
        self.threads = [threading.Thread(target=self._read, args=(number,)) for number in range(4)]

    def __enter__(self) -> Readers:
        for thread in self.threads:
            thread.start()
        wait_until(lambda: self.looks["nothing"] >= 20 or self.problems, "readers look before it is published")
        return self

    def __exit__(self, *_: object) -> None:
        seen = self.looks["all"]
        wait_until(lambda: self.looks["all"] >= seen + 20 or self.problems, "readers see all of it")
        self.over.set()
        for thread in self.threads:
            thread.join(timeout=60)
        assert not self.problems, "\n".join(self.problems[:10])

    def _read(self, number: int) -> None:
        choose = random.Random(number)
        draft = self.draft.at(self.servers[number % len(self.servers)])
        draft.session = draft.server.http()
        ways = [self._record, self._sums, self._gitea_files, self._downloads]
        while not self.over.is_set():
            way = choose.choice(ways)
            try:
                found = way(draft, choose)
            except Exception as error:  # noqa: BLE001: whatever happens to a reader is a finding
                self.problems.append(f"{way.__name__}: {error!r}")
                return
            if found not in ([], sorted(FILES)):
                self.problems.append(f"{way.__name__} saw a part: {found}")
                return
            self.looks["all" if found else "nothing"] += 1

    def _record(self, draft: Draft, _: random.Random) -> list[str]:
        return sorted(draft.published() or {})

    def _sums(self, draft: Draft, _: random.Random) -> list[str]:
        return sorted(line.split("  ")[1] for line in (draft.download("SHA256SUMS") or b"").decode().splitlines())

    def _gitea_files(self, draft: Draft, _: random.Random) -> list[str]:
        url = f"{draft.server.url}/api/v1/packages/{draft.owner}/generic/{draft.name}/{draft.version}/files"
        answer = draft.session.get(url, timeout=60)
        return sorted(file["name"] for file in answer.json()) if answer.status_code == 200 else []

    def _downloads(self, draft: Draft, choose: random.Random) -> list[str]:
        # Who has seen one of the files finds all the others.
        first = choose.choice(sorted(FILES))
        if draft.download(first) is None:
            return []
        return sorted(name for name, content in FILES.items() if draft.download(name) == content)


@pytest.mark.parametrize("contract", CONTRACTS)
def test_readers_see_nothing_or_all(make_server_on_each: ServerFactory, contract: str) -> None:
    server = make_server_on_each(options=["--contract", contract]).start()
    for version, manifest in [("1.0.0", digests(FILES)), ("2.0.0", None)]:
        draft = Draft(server, version).fill(FILES)
        with Readers(draft, [server]):
            answers = at_once(CLIENTS, lambda _: draft.at(server).publish(manifest))
        again = 200 if manifest else already(contract)
        assert Counter(answer.status_code for answer in answers) == {201: 1, again: CLIENTS - 1}
        assert draft.published() == digests(FILES) and draft.content() is None
    record = next(answer for answer in answers if answer.status_code == 201).json()
    assert (record["name"], record["version"], len(record["files"])) == ("tool", "2.0.0", len(FILES))
    assert reserved(server) == (0, 0) and usage(server)["file_count"] == 2 * len(FILES)
    check_sound(server, len(FILES))


@pytest.mark.parametrize("contract", CONTRACTS)
def test_three_nodes_fill_and_publish_one_draft(make_nodes: NodesFactory, contract: str) -> None:
    nodes = make_nodes(GRANARY_CONTRACT=contract)
    manifest = digests(FILES)
    draft = Draft(nodes[0])
    sent = at_once(len(FILES), lambda number: draft.at(nodes[number % 3]).put(*sorted(FILES.items())[number]))
    assert {answer.status_code for answer in sent} == {201}
    assert all(draft.at(node).content() == manifest for node in nodes)
    with Readers(draft, nodes):
        answers = at_once(9, lambda number: draft.at(nodes[number % 3]).publish(manifest))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: 8}
    assert all(draft.at(node).content() is None and draft.at(node).published() == manifest for node in nodes)
    assert not any(node.staged_files() for node in nodes)


def test_files_that_come_while_it_is_published_are_in_the_version_or_in_a_draft(
    make_server_on_each: ServerFactory,
) -> None:
    server = make_server_on_each(options=CURRENT).start()
    draft = Draft(server).fill({"first.bin": b"first"})

    def work(number: int) -> requests.Response:
        own = draft.at(server)
        # Every third client publishes whatever is there.
        return own.publish() if number % 3 == 0 else own.put(f"{number}.bin", b"%d" % number)

    answers = [answer for _ in range(3) for answer in at_once(12, work)]
    assert {answer.status_code for answer in answers} <= {201, 404, 409}, [answer.text for answer in answers]
    acknowledged = {f"{number}.bin": b"%d" % number for number in range(12) if number % 3} | {"first.bin": b"first"}
    places = (draft.published() or {}) | (draft.content() or {})
    assert places == digests(acknowledged)
    if draft.content():
        assert draft.publish(draft.content()).status_code == 201
    assert draft.published() == digests(acknowledged)
    assert all(draft.download(name) == content for name, content in acknowledged.items())


# What the publisher says that it has


@pytest.mark.parametrize("contract", CONTRACTS)
def test_only_a_draft_that_has_exactly_what_was_named_is_published(
    make_server_on_each: ServerFactory, contract: str
) -> None:
    server = make_server_on_each(options=["--contract", contract]).start()
    files = {"a.bin": b"a", "b.bin": b"b", "c.bin": b""}
    manifest = digests(files)
    draft = Draft(server).fill(files)
    for named, sentence in [
        (manifest | {"d.bin": sha256(b"d")}, "missing: d.bin)"),
        ({"a.bin": manifest["a.bin"], "b.bin": manifest["b.bin"]}, "(not named: c.bin)"),
        (manifest | {"b.bin": sha256(b"other")}, "(with different content: b.bin)"),
        ({"A.bin": manifest["a.bin"]}, "(missing: A.bin; not named: a.bin, b.bin, c.bin)"),
        ({}, "(not named: a.bin, b.bin, c.bin)"),
    ]:
        refused = draft.publish(named)
        assert refused.status_code == 409 and sentence in refused.text, refused.text
        assert draft.content() == manifest and draft.published() is None
    for body, status in [
        ({"files": {"a/b": manifest["a.bin"]}}, 422), ({"files": {"a.bin": "abc"}}, 422),
        ({"files": {"a.bin": "g" * 64}}, 422), ({"files": {"": manifest["a.bin"]}}, 422), ({"files": []}, 422),
        ({"files": {"a.bin": 1}}, 422), ([], 422),
    ]:
        refused = draft.ask("POST", json=body)
        assert refused.status_code == status and refused.text, f"{body}: {refused.status_code} {refused.text}"
    broken = draft.ask("POST", data=b"{", headers={"Content-Type": "application/json"})
    assert broken.status_code == 400
    assert draft.content() == manifest and draft.published() is None

    # The answer was lost: the same request again.
    first = draft.publish(manifest)
    again = draft.publish({name: digest.upper() for name, digest in manifest.items()})
    assert (first.status_code, again.status_code) == (201, 200), again.text
    assert first.json() == again.json()
    for named in (None, {}, manifest | {"b.bin": sha256(b"other")}):
        refused = draft.publish(named)
        assert refused.status_code == already(contract) and "already published" in refused.text
    assert draft.ask("DELETE").status_code == 404
    assert Draft(server, "9.0.0").publish(manifest).status_code == 404
    delete(server, "1.0.0")
    assert draft.publish(manifest).status_code == 404, "what was deleted does not come back"


# Who sees it


@pytest.fixture
def world(make_server_on_each: ServerFactory) -> GranaryServer:
    """alice owns acme, carol only reads there, dave is in no team; hidden is private and alice's."""
    server = make_server_on_each().start()
    create_acme(server, "readers", "read")
    return server


def test_nobody_sees_or_touches_the_draft_of_others(world: GranaryServer) -> None:
    token = {}
    for scope in ("read:package", "write:package", "read:user", "public-only,all"):
        token[scope] = world.http()
        token[scope].headers["Authorization"] = "token " + world.create_token(
            "alice", *scope.split(","), name=scope.replace(":", "-").replace(",", "-")
        )
    alice, nobody = world.http("alice"), world.http()
    callers = [
        ("acme", nobody, 401), ("acme", world.http("carol"), 403), ("acme", world.http("dave"), 403),
        ("acme", token["read:package"], 403), ("acme", token["read:user"], 403),
        ("hidden", nobody, 401), ("hidden", world.http("dave"), 404), ("hidden", token["public-only,all"], 403),
        ("nobody", world.http("dave"), 404),
    ]
    files = {"tool.bin": b"not yet for everybody"}
    for owner in ("acme", "hidden"):
        draft = Draft(world, owner=owner, session=alice)
        assert draft.put("tool.bin", files["tool.bin"]).status_code == 201
    problems = []
    for owner, session, status in callers:
        draft = Draft(world, owner=owner, session=session)
        listed = f"{world.url}/api/granary/v1/releases/{owner}"
        for method, url, body in [
            ("GET", listed, None), ("HEAD", draft.url, None), ("GET", draft.url, None), ("DELETE", draft.url, None),
            ("POST", draft.url, json.dumps({"files": digests(files)})), ("POST", draft.url, "{}"),
            ("PUT", f"{draft.url}/tool.bin", "mine"), ("PUT", f"{draft.url}/new.bin", "mine"),
            ("DELETE", f"{draft.url}/tool.bin", None), ("POST", draft.url.replace("1.0.0", "7.0.0"), "{}"),
        ]:
            answer = session.request(method, url, data=body, timeout=60)
            if answer.status_code != status or "tool.bin" in answer.text:
                problems.append(f"{owner} {status} {method} {url}: {answer.status_code} {answer.text}")
    assert not problems, "\n".join(problems)
    for owner in ("acme", "hidden"):
        draft = Draft(world, owner=owner, session=alice)
        # Not even its publisher, where everybody looks.
        for session in (alice, nobody, world.http("admin"), world.http("carol")):
            assert draft.traces(session, "tool.bin") == []
        assert draft.content() == digests(files)
        (listed,) = alice.get(f"{world.url}/api/granary/v1/releases/{owner}", timeout=60).json()["drafts"]
        assert (listed["name"], listed["version"], listed["file_count"]) == ("tool", "1.0.0", 1)
    draft = Draft(world, owner="acme", session=token["write:package"])
    assert draft.publish(digests(files)).status_code == 201
    # The check above can fail: all these places show it now.
    assert len(draft.traces(world.http("carol"), "tool.bin")) == 16


def test_drafts_are_listed_page_by_page(world: GranaryServer) -> None:
    for number in range(5):
        Draft(world, f"1.0.{number}").fill({"tool.bin": b"x"})
    url = f"{world.url}/api/granary/v1/releases/admin"
    versions, after = [], None
    while True:
        query = {"limit": 2} | ({"after": after} if after else {})
        page = world.http("admin").get(url, params=query, timeout=60).json()
        versions += [draft["version"] for draft in page["drafts"]]
        after = page.get("next")
        if not after:
            break
    assert versions == [f"1.0.{number}" for number in range(5)]
    assert world.http("admin").get(url, params={"after": "x"}, timeout=60).status_code == 400


# How it changes


def test_a_draft_changes_until_it_is_published(make_server_on_each: ServerFactory) -> None:
    server = make_server_on_each().start()
    draft = Draft(server)
    first = draft.put("tool.bin", b"first")
    assert first.status_code == 201 and first.headers["ETag"] == f'"{sha256(b"first")}"'
    assert "Location" not in first.headers
    assert draft.put("tool.bin", b"second").status_code == 201
    assert draft.put("TOOL.bin", b"third").status_code == 201, "names that differ in case only are one name"
    assert draft.content() == {"TOOL.bin": sha256(b"third")}
    # One draft, however its package and version are spelled.
    assert Draft(server, name="Tool").put("notes.txt", b"notes").status_code == 201
    assert draft.content() == {"TOOL.bin": sha256(b"third"), "notes.txt": sha256(b"notes")}
    check_sound(server, 2)
    assert draft.ask("DELETE", "other.bin").status_code == 404
    assert draft.ask("DELETE", "Notes.txt").status_code == 204
    assert draft.ask("DELETE", "notes.txt").status_code == 404
    assert draft.ask("DELETE", "tool.bin").status_code == 204
    assert draft.content() is None and draft.publish().status_code == 404, "it goes with its last file"
    draft.fill({"tool.bin": b"first", "notes.txt": b"notes"})
    wrong = draft.put("tool.bin", b"broken", X_Checksum_Sha256=sha256(b"whole"))
    assert wrong.status_code == 400 and draft.content()["tool.bin"] == sha256(b"first")
    assert draft.ask("DELETE").status_code == 204
    assert draft.content() is None and draft.ask("DELETE").status_code == 404
    check_sound(server, 0)
    assert usage(server)["size"] == 0 and reserved(server) == (0, 0)


def test_names_are_judged_by_the_contract_that_is_in_force_when_it_is_published(
    make_server_on_each: ServerFactory,
) -> None:
    server = make_server_on_each().start()
    server.create_user("alice")
    bad = [("tool", "latest", "a.bin"), ("tool", "1.0.0", "a b.bin"), ("tool", "1.0.0", "a(1).bin")]
    for name, version, file in bad:
        assert Draft(server, version, name, "alice").put(file, b"x").status_code == 400
    server.admin("owner", "set-contract", "alice", "current")
    for name, version, file in bad:
        assert Draft(server, version, name, "alice").put(file, b"x").status_code == 201
    for name, version, file in [("-", "1.0.0", "a.bin"), ("tool", "1.0.0", "a*.bin"), ("tool", "1.0.0", "é.bin")]:
        assert Draft(server, version, name, "alice").put(file, b"x").status_code == 400
    server.admin("owner", "set-contract", "alice", "documented")
    for version in ("latest", "1.0.0"):
        draft = Draft(server, version, owner="alice")
        before = draft.content()
        refused = draft.publish()
        assert refused.status_code == 400 and "not valid" in refused.text, refused.text
        assert draft.content() == before and draft.published() is None
    server.admin("owner", "set-contract", "alice", "current")
    for version in ("latest", "1.0.0"):
        draft = Draft(server, version, owner="alice")
        assert draft.publish(draft.content()).status_code == 201


def test_a_draft_joins_a_version_that_is_there(make_server_on_each: ServerFactory) -> None:
    server = make_server_on_each(options=CURRENT).start()
    draft = Draft(server).fill({"same.bin": b"same", "new.bin": b"new", "other.bin": b"mine"})
    assert put(server, b"same", "1.0.0", "same.bin") == 201
    assert put(server, b"theirs", "1.0.0", "other.bin") == 201
    before = server.record("admin", "tool", "1.0.0")
    refused = draft.publish()
    assert refused.status_code == 409 and sha256(b"mine") in refused.text and sha256(b"theirs") in refused.text
    assert draft.download("new.bin") is None and server.record("admin", "tool", "1.0.0") == before
    assert draft.ask("DELETE", "other.bin").status_code == 204
    assert draft.publish(digests({"same.bin": b"same", "new.bin": b"new"})).status_code == 201
    after = {file["name"]: file for file in server.record("admin", "tool", "1.0.0")["files"]}
    assert all(after[file["name"]] == file for file in before["files"]), "what was there stays what it is"
    assert draft.download("new.bin") == b"new" and draft.download("other.bin") == b"theirs"
    # Nothing but equal files: all is there already.
    assert draft.put("same.bin", b"same").status_code in (200, 201)
    if draft.content():
        assert draft.publish().status_code in (200, 201)
    assert draft.content() is None and usage(server)["file_count"] == 3 and reserved(server) == (0, 0)
    check_sound(server, 3)


def test_a_file_that_is_published_with_other_bytes_is_refused_by_the_draft(make_server_on_each: ServerFactory) -> None:
    server = make_server_on_each(options=CURRENT).start()
    assert put(server, b"theirs", "1.0.0", "tool.bin") == 201
    draft = Draft(server)
    for headers in ({"X_Checksum_Sha256": sha256(b"mine")}, {}):
        refused = draft.put("tool.bin", b"mine", **headers)
        assert refused.status_code == 409, f"{headers}: {refused.status_code}"
        assert sha256(b"mine") in refused.text and sha256(b"theirs") in refused.text
    assert draft.content() is None


def test_a_version_that_others_publish_meanwhile_stands_in_the_way(make_server_on_each: ServerFactory) -> None:
    server = make_server_on_each().start()
    files = {"tool.bin": b"mine", "notes.txt": b"notes"}
    draft = Draft(server).fill(files)
    assert put(server, b"theirs", "1.0.0", "tool.bin") == 201
    refused = draft.publish(digests(files))
    assert refused.status_code == 400 and "already exists" in refused.text, refused.text
    assert draft.put("more.bin", b"more").status_code == 400
    assert draft.content() == digests(files) and draft.published() == {"tool.bin": sha256(b"theirs")}
    delete(server, "1.0.0")
    assert draft.publish(digests(files)).status_code == 201
    assert draft.published() == digests(files)


def test_owners_with_drafts(world: GranaryServer) -> None:
    admin = world.http("admin")
    for owner in ("acme", "dave"):
        Draft(world, owner=owner).fill({"tool.bin": b"tool"})
    refused = world.run_admin("user", "delete", "dave")
    assert refused.returncode != 0 and "still has packages or drafts" in refused.stderr
    for path in ("admin/users/dave", "orgs/acme"):
        refused = admin.delete(f"{world.url}/api/v1/{path}", timeout=60)
        assert refused.status_code == 422 and "drafts" in refused.text, refused.text
    renamed = admin.post(f"{world.url}/api/v1/orgs/acme/rename", json={"new_name": "apex"}, timeout=60)
    assert renamed.status_code == 204
    draft = Draft(world, owner="apex")
    assert draft.content() == digests({"tool.bin": b"tool"})
    moved = Draft(world, owner="acme").ask("POST", json={}, allow_redirects=False)
    assert moved.status_code == 307 and moved.headers["Location"].endswith("/releases/apex/tool/1.0.0")
    assert draft.publish().status_code == 201 and draft.download("tool.bin") == b"tool"
    # Who began it may go; then nobody did.
    world.admin("user", "update", "carol", "--admin")
    assert Draft(world, "5.0.0", owner="apex", session=world.http("carol")).put("a.bin", b"a").status_code == 201
    world.admin("user", "delete", "carol")
    assert "creator" not in Draft(world, "5.0.0", owner="apex").ask("GET").json()
    assert Draft(world, "5.0.0", owner="apex").publish().status_code == 201
    assert admin.delete(f"{world.url}/api/v1/admin/users/dave?purge=true", timeout=60).status_code == 204
    check_sound(world, 2)
