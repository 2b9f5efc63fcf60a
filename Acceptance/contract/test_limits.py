# SPDX-License-Identifier: Apache-2.0
"""How much an owner may publish: never more, refused before the body, and given back by whoever does not use it."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from curl import AS_ADMIN, curl
from granary_server import GranaryServer
from raw_http import CREDENTIALS, RawConnection, exchange, head
from registry_checks import usage
from server_fixtures import NodesFactory, ServerFactory
from waiting import wait_until

SIZE = 1000
CLIENTS = 100


def target(version: str, file: str = "tool.bin", owner: str = "admin") -> str:
    return f"/api/packages/{owner}/generic/tool/{version}/{file}"


def body_of(client: int) -> bytes:
    return client.to_bytes(4, "big") * (SIZE // 4)


def publish_at_once(servers: list[GranaryServer], targets: list[str], announced: bool = True) -> list[int]:
    """All clients send their whole request at the same moment; the statuses."""
    start = threading.Barrier(len(targets), timeout=60)

    def client(number: int) -> int:
        body = body_of(number)
        framing = {"Content-Length": str(len(body))} if announced else {"Transfer-Encoding": "chunked"}
        framed = body if announced else b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
        start.wait()
        url = servers[number % len(servers)].url
        return exchange(url, "PUT", targets[number], CREDENTIALS | framing, framed).status

    with ThreadPoolExecutor(len(targets)) as pool:
        return list(pool.map(client, range(len(targets))))


def patch(server: GranaryServer, change: dict, owner: str = "admin", user: str = "admin") -> dict:
    answer = server.http(user).patch(f"{server.url}/api/granary/v1/owners/{owner}", json=change, timeout=60)
    assert answer.status_code == 200, answer.text
    return answer.json()


def check_room_for_ten(nodes: list[GranaryServer]) -> None:
    for announced, version in [(True, "1.0"), (False, "2.0")]:
        targets = [target(f"{version}.{client}") for client in range(CLIENTS)]
        statuses = publish_at_once(nodes, targets, announced)
        assert Counter(statuses) == {201: 10, 507: CLIENTS - 10}, f"announced: {announced}"
        for node in nodes:
            shown = usage(node)
            assert (shown["size"], shown["version_count"], shown["file_count"]) == (10 * SIZE, 10, 10)
        wait_until(lambda: usage(nodes[0])["reserved_size"] == 0, "nothing is reserved")
        # A delete gives its room free at once, on all nodes.
        session = nodes[0].http("admin")
        for path in [path for path, status in zip(targets, statuses) if status == 201]:
            assert session.delete(nodes[0].url + path, timeout=60).status_code == 204
        assert usage(nodes[-1])["size"] == 0


def test_of_a_hundred_uploads_ten_have_room(make_server: ServerFactory) -> None:
    server = make_server(options=["--limits-owner-size", str(10 * SIZE + SIZE - 1)]).start()
    check_room_for_ten([server])


def test_of_a_hundred_uploads_ten_have_room_on_three_nodes(make_nodes: NodesFactory) -> None:
    check_room_for_ten(make_nodes(GRANARY_LIMITS_OWNER_SIZE=str(10 * SIZE + SIZE - 1)))


def test_all_owners_together_have_a_limit(make_server: ServerFactory) -> None:
    server = make_server(options=["--limits-total-versions", "10", "--limits-total-size", "1MiB"]).start()
    server.create_user("alice")
    session = server.http("alice")
    assert session.put(server.url + target("1.0.0", owner="alice"), data=b"x").status_code == 201
    statuses = publish_at_once([server], [target(f"1.0.{client}") for client in range(40)])
    assert Counter(statuses) == {201: 9, 507: 31}
    refused = session.put(server.url + target("2.0.0", owner="alice"), data=b"x")
    assert refused.status_code == 507
    assert "the registry has 10 of 10 versions" in refused.text and "limits.total-versions" in refused.text
    total = json.loads(server.admin("owner", "usage", "--format", "json"))
    assert (total["version_count"], total["size"], total["limits"]["version_count"]) == (10, 9 * SIZE + 1, 10)


def test_the_body_of_an_upload_without_room_is_never_asked_for(make_server: ServerFactory) -> None:
    server = make_server(options=["--limits-owner-size", "1MiB"]).start()
    length = {"Content-Length": str((1 << 20) + 1)}
    for expecting in ({"Expect": "100-continue"}, {}):
        with RawConnection(server.url) as connection:
            connection.send(head("PUT", target("1.0.0"), CREDENTIALS | length | expecting))
            answer = connection.receive("PUT")
        assert (answer.status, answer.interim) == (507, [])
        assert "0 of 1048576 bytes" in answer.text and "ask an administrator" in answer.text
    accepting = CREDENTIALS | length | {"Accept": "application/json"}
    record = json.loads(exchange(server.url, "PUT", target("1.0.0"), accepting).body)
    assert record["error"] == "quota_exceeded"
    patch(server, {"limits": {"file_size": 1000}})
    with RawConnection(server.url) as connection:
        framing = {"Content-Length": "1001", "Expect": "100-continue"}
        connection.send(head("PUT", target("1.0.0"), CREDENTIALS | framing))
        answer = connection.receive("PUT")
    assert (answer.status, answer.interim) == (413, []) and "the limit is 1000 bytes" in answer.text


def test_a_chunked_upload_is_refused_when_it_outgrows_the_limit(
    make_server: ServerFactory, tmp_path: Path, nothing_staged: Callable[[GranaryServer], None]
) -> None:
    server = make_server(options=["--limits-owner-size", "3MiB"]).start()
    file = tmp_path / "large.bin"
    file.write_bytes(bytes(64 << 20))
    url = server.url + target("1.0.0")
    answer = curl(*AS_ADMIN, "-X", "PUT", "-T", "-", "-H", "Expect:", url, stdin=file)
    assert answer.status == 507 and "3145728 bytes" in answer.text
    nothing_staged(server)
    assert usage(server)["reserved_size"] == 0
    file.write_bytes(bytes(3 << 20))
    assert curl(*AS_ADMIN, "-X", "PUT", "-T", "-", url, stdin=file).status == 201
    assert usage(server)["size"] == 3 << 20


def begin_upload(server: GranaryServer, version: str, size: int) -> RawConnection:
    """An upload of which half has come, and whose room is set aside."""
    connection = RawConnection(server.url)
    connection.send(head("PUT", target(version), CREDENTIALS | {"Content-Length": str(size)}) + bytes(size // 2))
    wait_until(lambda: usage(server)["reserved_size"] == size, "room is set aside")
    return connection


def test_an_upload_that_breaks_off_gives_its_room_back(make_server: ServerFactory) -> None:
    server = make_server(options=["--limits-owner-size", "1MiB", "--limits-owner-versions", "1"]).start()
    for end in (RawConnection.reset, RawConnection.finish_sending):
        with begin_upload(server, "1.0.0", 800_000) as connection:
            assert usage(server)["reserved_version_count"] == 1
            refused = server.http("admin").put(server.url + target("1.0.0", "other.bin"), data=bytes(400_000))
            assert refused.status_code == 507 and "reserved 800000" in refused.text
            end(connection)
            # Far earlier than it would run out.
            wait_until(lambda: usage(server)["reserved_size"] == 0, "the room is free again", seconds=20)
    assert server.http("admin").put(server.url + target("1.0.0"), data=bytes(1 << 20)).status_code == 201


def test_a_server_that_was_killed_has_reserved_nothing_when_it_is_back(make_server: ServerFactory) -> None:
    server = make_server(options=["--limits-owner-size", "1MiB"]).start()
    with begin_upload(server, "1.0.0", 800_000):
        server.kill()
    server.start()
    wait_until(lambda: usage(server)["reserved_size"] == 0, "the room is free again", seconds=90)
    assert server.http("admin").put(server.url + target("1.0.0"), data=bytes(1 << 20)).status_code == 201


@pytest.mark.timeout(200)
def test_what_a_node_had_reserved_that_died_runs_out(make_nodes: NodesFactory) -> None:
    victim, other = make_nodes(2, GRANARY_LIMITS_OWNER_SIZE="1MiB")
    with begin_upload(victim, "1.0.0", 800_000):
        victim.kill()
    assert usage(other)["reserved_size"] == 800_000
    wait_until(lambda: usage(other)["reserved_size"] == 0, "the room is free again", seconds=90)
    assert other.http("admin").put(other.url + target("1.0.0"), data=bytes(1 << 20)).status_code == 201


def test_equal_content_counts_once(make_server: ServerFactory) -> None:
    server = make_server(options=["--limits-owner-size", str(SIZE)]).start()
    session = server.http("admin")
    assert session.put(server.url + target("1.0.0"), data=body_of(1)).status_code == 201
    refused = session.put(server.url + target("2.0.0"), data=body_of(1))
    assert refused.status_code == 507, "who does not say what it is has no room"
    record = server.record("admin", "tool", "1.0.0")
    stated = {"X-Checksum-Sha256": record["files"][0]["sha256"]}
    assert session.put(server.url + target("2.0.0"), data=body_of(1), headers=stated).status_code == 201
    assert (usage(server)["size"], usage(server)["file_count"]) == (SIZE, 2)
    assert session.delete(server.url + target("1.0.0")).status_code == 204
    assert usage(server)["size"] == SIZE
    assert session.delete(server.url + target("2.0.0")).status_code == 204
    assert usage(server)["size"] == 0


def test_limits_of_an_owner_are_stronger_than_the_defaults(make_server: ServerFactory) -> None:
    server = make_server(
        options=["--limits-owner-size", "10000", "--limits-owner-versions", "1", "--limits-file-size", "5000"]
    ).start()
    session = server.http("admin")

    def publish(version: str, size: int) -> int:
        return session.put(server.url + target(version), data=version.encode().ljust(size, b".")).status_code

    assert publish("1.0.0", 5001) == 413
    assert publish("1.0.0", 5000) == 201
    assert publish("2.0.0", 10) == 507
    assert usage(server)["limits"] == {"file_size": 5000, "total_size": 10000, "version_count": 1}

    changed = patch(server, {"limits": {"file_size": -1, "total_size": 20000, "version_count": -1}})
    assert changed["limits"] == {"file_size": -1, "total_size": 20000, "version_count": -1}
    assert usage(server)["limits"] == {"file_size": None, "total_size": 20000, "version_count": None}
    assert publish("2.0.0", 15000) == 201
    assert publish("3.0.0", 1) == 507

    # A lower limit removes nothing.
    server.admin("owner", "set-limits", "admin", "--total-size", "1kB", "--versions", "default", "--file-size", "2kB")
    assert usage(server)["limits"] == {"file_size": 2000, "total_size": 1000, "version_count": 1}
    assert usage(server)["size"] == 20000
    assert session.get(server.url + target("2.0.0")).status_code == 200
    assert publish("3.0.0", 1) == 507
    shown = json.loads(server.admin("owner", "usage", "admin", "--format", "json"))
    assert shown == usage(server)
    assert "20000" in server.admin("owner", "usage", "admin")
    server.admin("owner", "set-limits", "admin", "--total-size", "none", "--versions", "none", "--file-size", "default")
    assert publish("3.0.0", 5000) == 201
    assert publish("4.0.0", 5001) == 413
    refused = server.run_admin("owner", "set-limits", "admin", "--total-size", "much")
    assert refused.returncode == 64 and "much" in refused.stderr
    assert server.run_admin("owner", "set-limits", "admin").returncode == 64
    assert server.run_admin("owner", "usage", "nobody").returncode == 3
    server.admin("fsck")


def test_an_owner_has_so_many_unfinished_uploads_and_drafts(make_server_on_each) -> None:
    server = make_server_on_each(options=["--limits-uploads", "3", "--limits-drafts", "2",
                                          "--limits-total-size", "1MiB"]).start()
    session = server.http("admin")

    def begin(file: str) -> requests.Response:
        url = f"{server.url}/api/granary/v1/uploads/admin/tool/1.0.0/{file}"
        return session.post(url, headers={"Upload-Length": "10"}, timeout=60)

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(begin, [f"file-{number}" for number in range(12)]))
    assert Counter(answer.status_code for answer in answers) == {201: 3, 507: 9}
    refused = next(answer for answer in answers if answer.status_code == 507)
    assert "3 incomplete uploads" in refused.text and "limits.uploads" in refused.text
    begun = next(answer for answer in answers if answer.status_code == 201)
    assert session.delete(begun.headers["Location"], timeout=60).status_code == 204
    assert begin("another").status_code == 201

    def draft(version: str) -> requests.Response:
        url = f"{server.url}/api/granary/v1/releases/admin/other/{version}/a.bin"
        return session.put(url, data=b"x", timeout=60)

    assert [draft(version).status_code for version in ["1.0.0", "2.0.0", "2.0.0"]] == [201, 201, 201]
    refused = draft("3.0.0")
    assert refused.status_code == 507 and "2 drafts" in refused.text and "limits.drafts" in refused.text
    server.restart()
    assert begin("one-more").status_code == 507 and draft("3.0.0").status_code == 507
    dropped = session.delete(f"{server.url}/api/granary/v1/releases/admin/other/1.0.0", timeout=60)
    assert dropped.status_code == 204 and draft("3.0.0").status_code == 201
