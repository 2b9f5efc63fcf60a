# SPDX-License-Identifier: Apache-2.0
"""An upload that comes in pieces, as its client uses it on any server of a registry."""

from __future__ import annotations

import requests

from granary_server import GranaryServer
from raw_http import CREDENTIALS, RawConnection, head

PIECE = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"}


def new_upload_url(server: GranaryServer, version: str = "1.0.0", file: str = "tool.bin", owner: str = "admin") -> str:
    return f"{server.url}/api/granary/v1/uploads/{owner}/tool/{version}/{file}"


class Upload:
    """One upload, known by its path; each request goes to the server that is asked for."""

    def __init__(self, server: GranaryServer, path: str, session: requests.Session | None = None) -> None:
        self.server, self.path, self.session = server, path, session or server.http("admin")

    @classmethod
    def begin(
        cls, server: GranaryServer, size: int | None, version: str = "1.0.0", file: str = "tool.bin", draft: bool = False,
        owner: str = "admin", **headers: str,
    ) -> Upload:
        url = new_upload_url(server, version, file, owner) + ("?draft=true" if draft else "")
        length = {"Upload-Defer-Length": "1"} if size is None else {"Upload-Length": str(size)}
        sent = length | {name.replace("_", "-"): headers[name] for name in headers}
        answer = server.http("admin").post(url, headers=sent, timeout=60)
        assert answer.status_code == 201, answer.text
        location = answer.headers["Location"]
        assert location.startswith(server.url + "/api/granary/v1/uploads/"), location
        return cls(server, location.removeprefix(server.url))

    @property
    def url(self) -> str:
        # A server that was started again listens on another port.
        return self.server.url + self.path

    def at(self, server: GranaryServer) -> Upload:
        """The same upload, seen at another server."""
        return Upload(server, self.path)

    def ask(self, method: str, **more: object) -> requests.Response:
        return self.session.request(method, self.url, timeout=120, **more)

    def record(self) -> dict | None:
        """What is told of it; None when it is not known."""
        answer = self.ask("GET")
        if answer.status_code == 404:
            return None
        assert answer.status_code == 200, answer.text
        record = answer.json()
        told = [answer.headers.get("Upload-" + name) for name in ("Offset", "Length", "Defer-Length")]
        size = [str(record["size"]), None] if "size" in record else [None, "1"]
        assert told == [str(record["offset"]), *size] and answer.headers["Cache-Control"] == "no-store"
        return record

    def offset(self) -> int | None:
        record = self.record()
        return None if record is None else record["offset"]

    def is_published(self) -> bool:
        record = self.record()
        return record is not None and record["published"]

    def patch(self, offset: int, content: bytes, **headers: str) -> requests.Response:
        more = {name.replace("_", "-"): headers[name] for name in headers}
        return self.ask("PATCH", data=content, headers=PIECE | {"Upload-Offset": str(offset)} | more)

    def drop(self) -> int:
        return self.ask("DELETE").status_code

    def connect(self, offset: int, length: int, **headers: str) -> RawConnection:
        """A connection over which a piece of that length is announced."""
        connection = RawConnection(self.server.url, seconds=60)
        connection.send(self.piece_head(offset, length, **headers))
        return connection

    def piece_head(self, offset: int, length: int | None, **headers: str) -> bytes:
        framing = {"Transfer-Encoding": "chunked"} if length is None else {"Content-Length": str(length)}
        more = {name.replace("_", "-"): headers[name] for name in headers}
        return head("PATCH", self.path, CREDENTIALS | PIECE | framing | {"Upload-Offset": str(offset)} | more)


def listed(server: GranaryServer) -> list[str]:
    """The offsets of all uploads that are not complete, page by page."""
    found, after = [], None
    while True:
        query = {"limit": 2} | ({"after": after} if after else {})
        url = f"{server.url}/api/granary/v1/owners/admin/uploads"
        page = server.http("admin").get(url, params=query, timeout=60).json()
        found += [upload["id"] for upload in page["uploads"]]
        after = page.get("next")
        if not after:
            return found
