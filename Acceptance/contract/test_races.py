# SPDX-License-Identifier: Apache-2.0
"""Publishers that meet: exactly one wins, and the others are told so."""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from granary_server import GranaryServer
from load import publish_together
from oracle import pages
from server_fixtures import PairFactory, ServerFactory
from waiting import wait_until

pytestmark = pytest.mark.scale_out

CLIENTS = 32
ROUNDS = 20
BODY_SIZE = 20_000


def body_of(client: int) -> bytes:
    return bytes([client]) * BODY_SIZE


def publish_all(server: GranaryServer, targets: list[str]) -> list[int]:
    """Each client publishes its own bytes to its target, all at the same moment."""
    return publish_together([server], [(target, body_of(client)) for client, target in enumerate(targets)])


@pytest.mark.parametrize("one_file", [True, False], ids=["one file name", "a file name each"])
def test_one_version_has_one_winner(server: GranaryServer, one_file: bool) -> None:
    session = server.http("admin")
    winners = set()
    for round_number in range(ROUNDS):
        version = f"1.0.{round_number}"
        files = ["tool.bin" if one_file else f"tool-{client}.bin" for client in range(CLIENTS)]
        statuses = publish_all(server, [f"/api/packages/admin/generic/tool/{version}/{file}" for file in files])
        assert Counter(statuses) == {201: 1, 400: CLIENTS - 1}, f"round {round_number}"
        winner = statuses.index(201)
        winners.add(winner)
        record = server.record("admin", "tool", version, session)
        assert [file["name"] for file in record["files"]] == [files[winner]]
        got = session.get(server.file_url("admin", "tool", version, files[winner]))
        assert got.content == body_of(winner), f"round {round_number}: another client's bytes were published"
    assert len(pages(session, server, "versions", "admin", "tool")) == ROUNDS
    wait_until(lambda: not server.staged_files(), "staging/ is empty")
    wait_until(lambda: len(server.blob_names()) == len(winners), "only the winners' content is kept", seconds=20)


def test_many_versions_of_one_new_package_do_not_collide(server: GranaryServer) -> None:
    targets = [f"/api/packages/admin/generic/fresh/1.0.{number}/tool.bin" for number in range(CLIENTS)]
    assert Counter(publish_all(server, targets)) == {201: CLIENTS}
    assert len(pages(server.http("admin"), server, "versions", "admin", "fresh")) == CLIENTS


def test_publishing_and_deleting_at_the_same_moment(server: GranaryServer) -> None:
    url = server.file_url("admin", "tool", "1.0.0", "tool.bin")

    def publish(number: int) -> Counter[int]:
        session = server.http("admin")
        return Counter(session.put(url, data=body_of(number % 4)).status_code for _ in range(40))

    def delete(_: int) -> Counter[int]:
        session = server.http("admin")
        return Counter(session.delete(url).status_code for _ in range(80))

    def read(_: int) -> Counter[int]:
        session = server.http("admin")
        seen: Counter[int] = Counter()
        for _ in range(80):
            answer = session.get(url)
            seen[answer.status_code] += 1
            whole = [body_of(number) for number in range(4)]
            assert answer.status_code == 404 or answer.content in whole, "a reader saw a mix or a part"
        return seen

    with ThreadPoolExecutor(8) as pool:
        published = [pool.submit(publish, number) for number in range(4)]
        deleted = [pool.submit(delete, number) for number in range(2)]
        seen = [pool.submit(read, number) for number in range(2)]
        puts = sum((future.result() for future in published), Counter())
        deletes = sum((future.result() for future in deleted), Counter())
        gets = sum((future.result() for future in seen), Counter())

    assert set(puts) <= {201, 400} and set(deletes) <= {204, 404} and set(gets) <= {200, 404}, (puts, deletes, gets)
    left = server.http("admin").get(url).status_code
    assert puts[201] - deletes[204] == (1 if left == 200 else 0), (puts, deletes, left)


def test_the_same_content_from_everybody_is_kept_once(server: GranaryServer) -> None:
    body = b"the same for all" * 1000
    urls = [server.file_url("admin", f"copy-{number}", "1.0.0", "tool.bin") for number in range(CLIENTS)]
    with ThreadPoolExecutor(CLIENTS) as pool:
        statuses = list(pool.map(lambda url: server.http("admin").put(url, data=body).status_code, urls))
    assert Counter(statuses) == {201: CLIENTS}
    assert all(server.http("admin").get(url).content == body for url in urls)
    wait_until(lambda: len(server.blob_names()) == 1, "one blob is kept", seconds=20)


def test_all_kinds_of_changes_at_the_same_moment(make_server: ServerFactory, make_pair: PairFactory) -> None:
    """Transactions wait for each other in one order: the database, which the fixture asks at the end, has ended none of them."""
    options = ["--contract", "current", "--limits-owner-size", "1GiB"]
    server = make_server(pair=make_pair(), options=options).start()
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")

    def work(number: int) -> Counter[str]:
        choose = random.Random(f"{seed}/{number}")
        session = server.http("admin")
        failures: Counter[str] = Counter()
        for _ in range(80):
            package, version = f"tool-{choose.randrange(2)}", f"1.{choose.randrange(2)}.0"
            file = f"{choose.randrange(3)}.bin"
            path = f"{server.url}/api/packages/admin/generic/{package}/{version}"
            draft = f"{server.url}/api/granary/v1/releases/admin/{package}/{version}"
            body = b"content %d" % choose.randrange(3)
            method, url = choose.choice([
                ("PUT", f"{path}/{file}"), ("PUT", f"{path}/{file}"), ("PUT", f"{path}/{file}"),
                ("DELETE", f"{path}/{file}"), ("DELETE", path), ("DELETE", f"{server.url}/api/v1/packages/admin/generic/{package}"),
                ("PUT", f"{draft}/{file}"), ("PUT", f"{draft}/{file}"), ("POST", draft), ("DELETE", draft),
            ])
            status = session.request(method, url, data=body if method == "PUT" else None, timeout=60).status_code
            if status >= 500:
                failures[f"{method} {status}"] += 1
        return failures

    with ThreadPoolExecutor(9) as pool:
        works = [pool.submit(work, number) for number in range(8)]
        collections = 0
        while not all(future.done() for future in works):
            server.admin("gc")
            collections += 1
        failures = sum((future.result() for future in works), Counter())
    assert not failures and collections > 0
    assert server.run_admin("fsck").returncode == 0
