# SPDX-License-Identifier: Apache-2.0
"""Publishing, downloading, deleting and finding by tables: each contract, on each engine, over real sockets."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator

import pytest
import requests

from api_world import CALLERS, World, build
from granary_server import CONTRACTS
from server_fixtures import EACH_ENGINE, EngineServers
from tables import rows

NAMES = (f"new-{number}" for number in itertools.count())
REQUEST = re.compile(r"(?P<method>\S+) (?P<path>\S+?)(?: \[(?P<name>[\w-]+): (?P<value>.*)\])?")
#: How many rows the two tables have to have at least, each with both contracts on both engines.
LEAST = {"contract_access.txt": 90, "contract_cases.txt": 80}


@pytest.fixture(scope="module", params=itertools.product(EACH_ENGINE, CONTRACTS), ids=" ".join)
def world(module_servers: EngineServers, request: pytest.FixtureRequest) -> Iterator[tuple[World, str]]:
    engine, contract = request.param
    server = module_servers(engine, options=["--contract", contract]).start()
    yield build(server), contract
    assert server.stop() == 0
    assert "error granary" not in server.stderr(), server.log_tail()


def test_who_gets_which_status(world: tuple[World, str]) -> None:
    registry, contract = world
    problems: list[str] = []
    checked = 0
    for line in rows("contract_access.txt"):
        method, path, *expected = line.split()
        assert len(expected) == len(CALLERS), line
        for caller, cell in zip(CALLERS, expected, strict=True):
            status = int(cell.split("/")[CONTRACTS.index(contract) if "/" in cell else 0])
            body = b"x" if method == "PUT" else None
            answer = registry.send(caller, method, path.replace("{new}", next(NAMES)), body)
            checked += 1
            found = list(differences(answer, status))
            if method == "GET":
                found += difference_of_head(answer, registry.send(caller, "HEAD", path))
            problems += [f"{caller}: {method} {path}: {problem}" for problem in found]
    assert not problems, "\n".join(problems)
    assert checked >= LEAST["contract_access.txt"] * len(CALLERS)


def test_what_answers_look_like(world: tuple[World, str]) -> None:
    registry, contract = world
    problems: list[str] = []
    checked = 0
    for line in rows("contract_cases.txt"):
        caller, request, body, *statuses, shape, headers = (part.strip() for part in line.split("|"))
        parts = REQUEST.fullmatch(request)
        assert parts and len(statuses) == len(CONTRACTS), line
        status, _, word = statuses[CONTRACTS.index(contract)].partition(" ")
        given = {parts["name"]: parts["value"]} if parts["name"] else {}
        if word:
            given["Accept"] = "application/json"
        answer = registry.send(caller, parts["method"], parts["path"],
                               body.encode() if parts["method"] in ("PUT", "POST") else None, given)
        checked += 1
        found = list(differences(answer, int(status), word, shape, headers))
        problems += [f"{line}\n    {problem}" for problem in found]
    assert not problems, "\n".join(problems)
    assert checked >= LEAST["contract_cases.txt"]


def differences(
    answer: requests.Response, status: int, word: str = "", shape: str = "", headers: str = ""
) -> Iterator[str]:
    """What is wrong with an answer."""
    if answer.status_code != status:
        yield f"is {answer.status_code}, expected {status}: {answer.text[:200]!r}"
        return
    if "X-Request-Id" not in answer.headers:
        yield "has no X-Request-Id"
    if status == 401 and not answer.headers.get("WWW-Authenticate", "").startswith("Basic "):
        yield "a 401 without a challenge"
    if word:
        if not answer.headers.get("Content-Type", "").startswith("application/json"):
            yield f"the refusal is {answer.text[:200]!r}"
            return
        refusal = json.loads(answer.text)
        if sorted(refusal) != ["error", "message", "request_id"] or refusal["error"] != word:
            yield f"the refusal is {refusal}"
        if refusal.get("request_id") != answer.headers.get("X-Request-Id"):
            yield "the refusal names another request"
        return
    yield from differences_of_headers(answer, headers)
    if status >= 400:
        is_text = answer.headers.get("Content-Type", "").startswith("text/plain")
        if not is_text or len(answer.text.strip().splitlines()) != 1:
            yield f"the refusal is {answer.text[:200]!r}"
    elif shape == "-" and answer.content:
        yield f"the body is {answer.text[:200]!r}"
    elif shape.startswith(("={", "{")) and not answer.headers["Content-Type"].startswith("application/json"):
        yield f"the body is {answer.text[:200]!r}"
    elif shape.startswith("={") and json.loads(answer.text) != json.loads(shape[1:]):
        yield f"the body is {answer.text[:200]!r}"
    elif shape.startswith("=") and not shape.startswith("={") and answer.text.strip() != shape[1:]:
        yield f"the body is {answer.text[:200]!r}"
    elif shape.startswith("{") and set(json.loads(answer.text)) != set(shape.strip("{}").split(",")):
        yield f"its members are {list(json.loads(answer.text))}"


def differences_of_headers(answer: requests.Response, headers: str) -> Iterator[str]:
    for header in filter(None, headers.split("; ")):
        name, _, value = header.partition(": ")
        if name.startswith("!"):
            if name[1:] in answer.headers:
                yield f"{name[1:]} is {answer.headers[name[1:]]!r}"
        elif not answer.headers.get(name.rstrip(":"), "\0").startswith(value):
            yield f"{name} is {answer.headers.get(name)!r}"


def difference_of_head(answer: requests.Response, head: requests.Response) -> Iterator[str]:
    """HEAD is GET without its body."""
    if head.status_code != answer.status_code or head.content:
        yield f"HEAD is {head.status_code}, GET {answer.status_code}"
    for name in ["Content-Type", "Content-Length", "ETag", "Cache-Control", "Content-Disposition", "WWW-Authenticate"]:
        if head.headers.get(name) != answer.headers.get(name):
            yield f"{name} of HEAD is {head.headers.get(name)}, of GET {answer.headers.get(name)}"
