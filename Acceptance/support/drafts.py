# SPDX-License-Identifier: Apache-2.0
"""A draft as its publisher uses it, and all the places where its version would be seen."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import requests

from granary_server import GranaryServer
from hashing import sha256

#: How many files are sent at the same time.
SENDERS = 8
FILES = {f"tool-{number}.bin": b"the bytes of file %d" % number * 40 for number in range(10)}


def digests(files: dict[str, bytes]) -> dict[str, str]:
    """What a publisher says that a draft has."""
    return {name: sha256(content) for name, content in files.items()}


class Draft:
    """The draft of one version, seen by one user at one server."""

    def __init__(
        self, server: GranaryServer, version: str = "1.0.0", name: str = "tool", owner: str = "admin",
        session: requests.Session | None = None,
    ) -> None:
        self.server, self.owner, self.name, self.version = server, owner, name, version
        self.session = session or server.http("admin")

    @property
    def url(self) -> str:
        # A server that was started again listens on another port.
        path = "/".join(quote(part, safe="") for part in (self.owner, self.name, self.version))
        return f"{self.server.url}/api/granary/v1/releases/{path}"

    def at(self, server: GranaryServer) -> Draft:
        """The same draft, seen at another server."""
        return Draft(server, self.version, self.name, self.owner)

    def ask(self, method: str, file: str | None = None, **more: object) -> requests.Response:
        url = self.url if file is None else f"{self.url}/{quote(file, safe='')}"
        return self.session.request(method, url, timeout=60, **more)

    def put(self, file: str, content: bytes, **headers: str) -> requests.Response:
        return self.ask("PUT", file, data=content, headers={name.replace("_", "-"): headers[name] for name in headers})

    def fill(self, files: dict[str, bytes]) -> Draft:
        """Puts all files, several at the same time."""
        with ThreadPoolExecutor(SENDERS) as pool:
            answers = list(pool.map(lambda file: Draft.put(self.at(self.server), *file), files.items()))
        assert [answer.status_code for answer in answers] == [201] * len(files), [answer.text for answer in answers]
        return self

    def publish(self, files: dict[str, str] | None = None) -> requests.Response:
        return self.ask("POST", json={} if files is None else {"files": files})

    def content(self) -> dict[str, str] | None:
        """The SHA-256 of each file of the draft by its name; None when there is no draft."""
        answer = self.ask("GET")
        if answer.status_code == 404:
            return None
        assert answer.status_code == 200, answer.text
        record = answer.json()
        assert record["size"] == sum(file["size"] for file in record["files"])
        return {file["name"]: file["sha256"] for file in record["files"]}

    # What others see

    def published(self) -> dict[str, str] | None:
        """The same of the version that is published; None when there is none."""
        answer = self.session.get(self._seen("/api/granary/v1/packages/{owner}/{name}/{version}"), timeout=60)
        if answer.status_code == 404:
            return None
        assert answer.status_code == 200, answer.text
        return {file["name"]: file["sha256"] for file in answer.json()["files"]}

    def download(self, file: str) -> bytes | None:
        answer = self.session.get(self.server.file_url(self.owner, self.name, self.version, file), timeout=60)
        assert answer.status_code in (200, 404), answer.text
        return answer.content if answer.status_code == 200 else None

    def traces(self, session: requests.Session, file: str) -> list[str]:
        """Every place where a version shows itself, of which all know it or none."""
        generic = self.server.file_url(self.owner, self.name, self.version, "")
        paths = [
            (generic + file, 200), (generic + file + ".sha256", 200), (generic + "SHA256SUMS", 200),
            (self._seen("/api/granary/v1/packages/{owner}/{name}/{version}"), 200),
            (self._seen("/api/granary/v1/packages/{owner}/{name}"), self.version),
            (self._seen("/api/granary/v1/packages/{owner}"), self.name),
            (self._seen("/api/granary/v1/search?name={name}"), self.name),
            (self._seen("/api/v1/packages/{owner}"), self.name),
            (self._seen("/api/v1/packages/{owner}/generic/{name}/{version}"), 200),
            (self._seen("/api/v1/packages/{owner}/generic/{name}/{version}/files"), file),
            (self._seen("/api/v1/packages/{owner}/generic/{name}/-/latest"), self.version),
        ]
        found = []
        for url, sign in paths:
            answer = session.get(url, timeout=60)
            if answer.status_code == 200 and (sign == 200 or f'"{sign}"' in answer.text):
                found.append(url)
            if sign == 200 and session.head(url, timeout=60).status_code == 200:
                found.append("HEAD " + url)
        return found

    def _seen(self, path: str) -> str:
        return self.server.url + path.format(owner=self.owner, name=self.name, version=quote(self.version))


def at_once(count: int, work: Callable[[int], requests.Response]) -> list[requests.Response]:
    """Does the work of all clients at one moment."""
    start = threading.Barrier(count, timeout=60)

    def client(number: int) -> requests.Response:
        start.wait()
        return work(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(client, range(count)))
