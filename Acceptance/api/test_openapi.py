# SPDX-License-Identifier: Apache-2.0
"""The description of the interface: it is valid, its examples work, and docs/API.md is made of it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from api_story import ENVIRONMENT, EXAMPLE_UPLOAD, Operation, Story, operations
from granary_server import ADMIN_PASSWORD, GranaryServer
from paths import REPOSITORY
from server_fixtures import ServerFactory
from waiting import clean_environment

sys.path.insert(0, str(REPOSITORY / "scripts"))
import api_docs  # noqa: E402


@pytest.fixture(scope="module")
def document(binary: Path) -> dict:
    """What the binary says about itself."""
    done = subprocess.run([str(binary), "serve", "--print-openapi"], capture_output=True, check=True, timeout=60,
                          env=clean_environment())
    return json.loads(done.stdout)


@pytest.fixture
def story(make_server: ServerFactory) -> Story:
    return Story(make_server(environment=ENVIRONMENT).start())


def test_the_description_is_valid(document: dict) -> None:
    assert document["openapi"].startswith("3.1.")
    problems = [f"{list(problem.absolute_path)}: {problem.message}"
                for problem in OpenAPIV31SpecValidator(document).iter_errors()]
    assert not problems, "\n".join(problems)
    described = operations(document)
    assert len({one.name for one in described}) == len(described) > 60


def test_everybody_gets_the_description(make_server: ServerFactory, document: dict) -> None:
    server = make_server(environment={"GRANARY_ADMIN_PASSWORD": ADMIN_PASSWORD,
                                      "GRANARY_ACCESS_REQUIRE_SIGN_IN": "on"}).start()
    answer = server.http().get(server.url + "/api/openapi.json", timeout=60)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    assert answer.json() == document


def test_the_document_of_the_interface_is_made_of_the_description(document: dict) -> None:
    introduction = (REPOSITORY / "docs/api-introduction.md").read_text(encoding="utf-8")
    written = (REPOSITORY / "docs/API.md").read_text(encoding="utf-8")
    assert written == api_docs.render(introduction, document), "docs/API.md is out of date: run make docs"


@pytest.mark.timeout(240)
def test_every_example_works(story: Story, document: dict, tmp_path: Path) -> None:
    problems = []
    for operation in operations(document):
        story.before(operation)
        status, text = story.run(operation, tmp_path)
        if status not in operation.successes:
            problems.append(f"{operation.name}: {status}, not one of {operation.successes}: {text[:300]}\n"
                            f"    {operation.example}")
            continue
        story.after(operation)
    assert not problems, "\n".join(problems)


def test_every_get_answers_head(story: Story, document: dict) -> None:
    story.call("PUT", "/teams/2/members/robin")
    problems = []
    for operation in operations(document):
        if operation.method == "get":
            story.before(operation)
            problems += differences_of_head(story.server, story, operation)
    assert not problems, "\n".join(problems)


def differences_of_head(server: GranaryServer, story: Story, operation: Operation) -> list[str]:
    """How the answer to a HEAD is not that to a GET without its body, for who signs in and who does not."""
    problems = []
    url = server.url + operation.url.replace(EXAMPLE_UPLOAD, story.upload)
    for session in [story.session, server.http()]:
        full = session.get(url, timeout=60)
        bare = session.head(url, timeout=60)
        own = ["Date", "X-Request-Id"]
        kept, wanted = ({name: value for name, value in answer.headers.items() if name not in own}
                        for answer in [bare, full])
        if bare.status_code != full.status_code or bare.content or kept != wanted:
            problems.append(f"HEAD {operation.url}: {bare.status_code} {kept}\n    GET: {full.status_code} {wanted}")
        if session is story.session and full.status_code != 200 and full.status_code not in operation.successes:
            problems.append(f"GET {operation.url}: {full.status_code} {full.text[:200]}")
    return problems
