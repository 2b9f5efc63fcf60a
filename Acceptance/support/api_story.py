# SPDX-License-Identifier: Apache-2.0
"""The world in which the examples of the interface's description work, and the order in which they do."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import requests

from granary_server import GranaryServer
from waiting import clean_environment

PASSWORD = "correct-horse"
ENVIRONMENT = {"GRANARY_ADMIN_PASSWORD": PASSWORD}
DEFAULT_URL = "http://127.0.0.1:3000"
#: What is made is there before it is read, and changed before it is deleted.
METHODS = ["put", "get", "post", "patch", "options", "delete"]
#: What the examples call an upload, whose identifier is random.
EXAMPLE_UPLOAD = "5f0c2d9ab7e14c6d8a3f61b2907e4d15"


@dataclass
class Operation:
    """One operation of the description."""

    path: str
    method: str
    description: dict

    @property
    def name(self) -> str:
        return self.description["operationId"]

    @property
    def example(self) -> str:
        (sample,) = self.description["x-codeSamples"]
        assert sample["lang"] == "Shell", sample
        return sample["source"]

    @property
    def url(self) -> str:
        """The URL of the example, without the server."""
        return re.search(re.escape(DEFAULT_URL) + r"([^\s']*)", self.example).group(1)

    @property
    def successes(self) -> list[int]:
        return [int(status) for status in self.description["responses"] if status.startswith("2")]


def operations(document: dict) -> list[Operation]:
    """All operations, in an order in which their examples work."""
    found = [Operation(path, method, description)
             for path, item in document["paths"].items() for method, description in item.items()]
    return sorted(found, key=lambda one: (METHODS.index(one.method), *depth(one)))


def depth(operation: Operation) -> tuple[int, str]:
    """What is within something else is deleted before it; teams before their organizations."""
    return (-operation.path.count("/"), "".join(chr(0x7F - ord(letter)) for letter in operation.path)) \
        if operation.method == "delete" else (0, "")


class Story:
    """A server with what the names in the examples stand for."""

    def __init__(self, server: GranaryServer) -> None:
        self.server = server
        self.upload = EXAMPLE_UPLOAD
        self.session = server.http()
        self.session.auth = ("admin", PASSWORD)
        self.call("POST", "/admin/users", {"username": "robin", "email": "robin@example.org", "password": PASSWORD,
                                           "must_change_password": False})
        self.call("POST", "/orgs", {"username": "acme"})
        team = self.call("POST", "/orgs/acme/teams", {"name": "build", "units_map": {"repo.packages": "write"}})
        assert team["id"] == 2, "the examples speak of team 2, the one after the first owners"

    def call(self, method: str, path: str, body: object = None, allowed: int = 0) -> dict:
        """Asks the management interface as the administrator; another status than success may be allowed."""
        url = f"{self.server.url}/api/v1{path}"
        answer = self.session.request(method, url, data=json.dumps(body), timeout=60, allow_redirects=False)
        assert answer.ok or answer.status_code == allowed, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.ok and answer.content else {}

    def ask(self, method: str, path: str, **more: object) -> requests.Response:
        """Asks the interface of Granary's own."""
        url = f"{self.server.url}/api/granary/v1{path}"
        answer = self.session.request(method, url, timeout=60, **more)
        assert answer.ok or method == "DELETE", f"{method} {path}: {answer.status_code} {answer.text}"
        return answer

    def publish(self) -> None:
        """Sees to it that what the examples speak of is published."""
        url = self.server.file_url("acme", "hello", "1.0.0", "hello.txt")
        assert self.session.put(url, data=b"hello", timeout=60).status_code in [201, 400]

    def unpublish(self) -> None:
        self.call("DELETE", "/packages/acme/generic/hello", allowed=404)
        self.ask("DELETE", "/releases/acme/hello/1.0.0")

    def before(self, operation: Operation) -> None:
        """Makes what an example needs and an earlier one has used up."""
        is_release, is_upload = (word in operation.path for word in ["/releases/", "/uploads"])
        if is_release or is_upload or operation.name == "putGenericFile":
            self.unpublish()
        elif "/packages/" in operation.path or operation.path.endswith("/search"):
            self.publish()
        if is_release and operation.method != "put":
            self.ask("PUT", "/releases/acme/hello/1.0.0/hello.txt", data=b"hello\n")
        if is_upload:
            begun = self.ask("POST", "/uploads/acme/hello/1.0.0/hello.txt", headers={"Upload-Length": "6"})
            self.upload = begun.json()["id"]
        match operation.name:
            case "postGiteaAdminUserOrganizations" | "deleteGiteaAdminUser":
                self.call("DELETE", "/orgs/initech")
            case "deleteGiteaMember" | "deleteGiteaTeamMember":
                self.call("PUT", "/teams/2/members/robin")
            case "deleteGiteaOrganization":
                self.call("DELETE", "/packages/acme/generic/hello", allowed=404)

    def after(self, operation: Operation) -> None:
        """Gives back the names that the other examples speak of."""
        match operation.name:
            case "postGiteaOrganizationRename":
                self.call("POST", "/orgs/acme-inc/rename", {"new_name": "acme"})
            case "postGiteaAdminUserRename":
                self.call("POST", "/admin/users/robin-2/rename", {"new_username": "robin"})

    def run(self, operation: Operation, folder: Path) -> tuple[int, str]:
        """Runs the example in a shell; its status and what it answered."""
        (folder / "hello.txt").write_text("hello\n")
        command = operation.example.replace(DEFAULT_URL, self.server.url).replace(EXAMPLE_UPLOAD, self.upload)
        command += " -sS -q -o answer -w '%{http_code}'"
        done = subprocess.run(["bash", "-c", command], cwd=folder, env=clean_environment(HOME=str(folder)),
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, f"$ {command}\n{done.stderr}"
        return int(done.stdout), (folder / "answer").read_text(errors="replace") if (folder / "answer").exists() else ""
