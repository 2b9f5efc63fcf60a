# SPDX-License-Identifier: Apache-2.0
"""Many publishers at once, until a fault ends them; every random choice comes from one seed."""

from __future__ import annotations

import os
import random
import secrets
import threading
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from granary_server import GranaryServer
from oracle import Coordinate, Fate, Oracle
from raw_http import CREDENTIALS, RawConnection, head
from waiting import wait_until

OWNER = "admin"


def seed_from_environment() -> int:
    """The seed of GRANARY_SEED, else a new one; print it so that a failure can be played again."""
    return int(os.environ.get("GRANARY_SEED") or secrets.randbits(32))


def publish_together(servers: Sequence[GranaryServer], uploads: Sequence[tuple[str, bytes]]) -> list[int]:
    """Sends all uploads (path, content) but for their last byte, then all last bytes at one moment; the statuses."""
    start = threading.Barrier(len(uploads), timeout=60)

    def client(number: int) -> int:
        target, body = uploads[number]
        headers = CREDENTIALS | {"Content-Length": str(len(body))}
        with RawConnection(servers[number % len(servers)].url, seconds=60) as connection:
            connection.send(head("PUT", target, headers) + body[:-1])
            start.wait()
            connection.send(body[-1:])
            return connection.receive("PUT").status

    with ThreadPoolExecutor(len(uploads)) as pool:
        return list(pool.map(client, range(len(uploads))))


class Load:
    """Publishers, and deleters of what they published, that run in threads until they are told to stop."""

    def __init__(
        self,
        server: GranaryServer | Sequence[GranaryServer],
        oracle: Oracle,
        label: str,
        seed: int,
        workers: int = 8,
        largest: int = 1 << 20,
        deletes: float = 0.15,
    ) -> None:
        # Each worker has one server, and ends with it.
        self.servers = [server] if isinstance(server, GranaryServer) else list(server)
        self.oracle = oracle
        self.label = label
        self.seed = seed
        self.largest = largest
        self.deletes = deletes
        self.over = threading.Event()
        self.failures: list[str] = []
        self.statuses: Counter[int] = Counter()
        self.threads = [threading.Thread(target=self._work, args=(number,)) for number in range(workers)]

    def run_until_acknowledged(self, count: int) -> None:
        """Starts the workers and returns when so many more uploads were acknowledged; the workers go on."""
        enough = self.oracle.count(Fate.PUBLISHED) + count
        for thread in self.threads:
            thread.start()
        wait_until(
            lambda: self.failures or self.oracle.count(Fate.PUBLISHED) >= enough,
            f"{count} uploads are acknowledged",
            seconds=60,
        )

    def finish(self) -> None:
        """Waits for the workers, which end with their next answer or broken connection."""
        self.over.set()
        for thread in self.threads:
            thread.join(timeout=90)
            assert not thread.is_alive(), "a worker hangs although the server is gone"
        assert not self.failures, "\n".join(self.failures[:20])

    def _work(self, number: int) -> None:
        choose = random.Random(f"{self.seed}/{self.label}/{number}")
        server = self.servers[number % len(self.servers)]
        session = server.http("admin")
        published: list[Coordinate] = []
        turn = 0
        while not self.over.is_set():
            if published and choose.random() < self.deletes:
                gone = published.pop(choose.randrange(len(published)))
                status = self.oracle.delete(session, server, gone, timeout=30)
            else:
                coordinate = Coordinate(OWNER, f"{self.label}-{number}", f"1.0.{turn}", f"file-{turn}.bin")
                body = choose.randbytes(self._size(choose))
                status = self.oracle.publish(session, server, coordinate, body, timeout=30)
                if status == 201:
                    published.append(coordinate)
                turn += 1
            if status is None:
                return
            self._note(status)
            if status >= 500:
                self.over.wait(0.05)

    def _note(self, status: int) -> None:
        with self.oracle.lock:
            self.statuses[status] += 1
        # While the fault happens a 5xx is honest; anything else but success is not.
        if status not in (201, 204) and status < 500:
            self.failures.append(f"an answer of {status}")

    def _size(self, choose: random.Random) -> int:
        return choose.choice([0, 1, 4096, choose.randrange(65_536), choose.randrange(self.largest)])
