# SPDX-License-Identifier: Apache-2.0
"""schemathesis asks the live server whatever its description allows, and more; every answer must be a described one."""

from __future__ import annotations

import random
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from api_story import ENVIRONMENT, PASSWORD, Story
from server_fixtures import ServerFactory
from waiting import clean_environment

FOLDER = Path(__file__).resolve().parent


@pytest.fixture
def story(make_server: ServerFactory) -> Story:
    story = Story(make_server(environment=ENVIRONMENT).start())
    story.publish()
    story.call("PUT", "/teams/2/members/robin")
    story.call("POST", "/users/robin/tokens", {"name": "ci", "scopes": ["all"]})
    return story


def run(story: Story, folder: Path, *options: str, examples: int, phases: str) -> Counter[int]:
    """Runs schemathesis, which must find nothing, and counts the statuses that the server's log has."""
    seed = random.SystemRandom().randrange(1 << 32)
    told = len(story.server.stderr())
    command = [
        sys.executable, "-m", "schemathesis.cli", "--config-file", str(FOLDER / "schemathesis.toml"),
        "run", f"{story.server.url}/api/openapi.json", "--seed", str(seed), "--max-examples", str(examples),
        "--phases", phases, "--checks", "all", "--generation-with-security-parameters", "false",
        "--generation-database", "none", "--suppress-health-check", "all", "--continue-on-failure", "--no-color",
        "--no-shrink", "--warnings", "off", *options,
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=230, stdin=subprocess.DEVNULL,
                          env=clean_environment(SCHEMATHESIS_HOOKS="schemathesis_hooks", PYTHONPATH=str(FOLDER)))
    output = f"seed {seed}\n{done.stdout[:60_000]}{done.stderr[-5_000:]}"
    print(output)
    assert done.returncode == 0, output
    log = story.server.stderr()[told:]
    assert "error granary" not in log, story.server.log_tail()
    return Counter(int(status) for status in re.findall(r"status=(\d+)", log))


def share(statuses: Counter[int], *wanted: int) -> float:
    """How many of the answers had one of the statuses."""
    return sum(statuses[status] for status in wanted) / statuses.total()


@pytest.mark.timeout(240)
def test_an_administrator_gets_only_what_is_described(story: Story, tmp_path: Path) -> None:
    token = story.call("POST", "/users/admin/tokens", {"name": "schemathesis", "scopes": ["all"]})["sha1"]
    statuses = run(story, tmp_path, "--header", f"Authorization: token {token}", examples=6,
                   phases="examples,coverage,fuzzing,stateful")
    # Otherwise something has gone wrong with the credentials or the examples, and nothing was looked at.
    assert statuses.total() > 1000 and share(statuses, 200, 201, 204) > 0.1, statuses


@pytest.mark.timeout(240)
def test_a_password_gets_only_what_is_described(story: Story, tmp_path: Path) -> None:
    """Access tokens are managed with passwords only; wrong ones are slowed, so none are sent here."""
    statuses = run(story, tmp_path, "--auth", f"admin:{PASSWORD}", "--include-tag", "Access tokens",
                   "--exclude-checks", "ignored_auth", examples=20, phases="examples,coverage,fuzzing")
    assert share(statuses, 200, 201, 204) > 0.05, statuses


@pytest.mark.timeout(240)
def test_nobody_gets_only_what_is_described(story: Story, tmp_path: Path) -> None:
    statuses = run(story, tmp_path, examples=5, phases="coverage,fuzzing")
    assert statuses.total() > 500 and statuses[401] > 100 and share(statuses, 200) > 0.02, statuses
