# SPDX-License-Identifier: Apache-2.0
"""Every command of the README is executed and prints what the README says."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from console import Step, console_blocks, matches
from granary_server import ADMIN_PASSWORD
from paths import REPOSITORY
from server_fixtures import ServerFactory
from waiting import clean_environment

DEFAULT_URL = "http://127.0.0.1:3000"
README = REPOSITORY / "README.md"
MAKE = re.compile(r"(?:\w+=\S+ )*make\b(.*)")


def is_make(block: list[Step]) -> bool:
    return bool(block) and MAKE.match(block[0].command) is not None


@pytest.fixture(scope="module")
def blocks() -> list[list[Step]]:
    return console_blocks(README.read_text())


def test_the_commands_of_the_readme(
    blocks: list[list[Step]], make_server: ServerFactory, binary: Path, tmp_path: Path
) -> None:
    # The README says itself which password its server was started with.
    given = re.search(r"GRANARY_ADMIN_PASSWORD=['\"]?([^\s'\"`]+)", README.read_text())
    password = given.group(1) if given else ADMIN_PASSWORD
    server = make_server(environment={"GRANARY_ADMIN_PASSWORD": password}).start()
    home = tmp_path / "home"
    home.mkdir()
    environment = clean_environment(
        HOME=str(home),
        XDG_CONFIG_HOME=str(home / ".config"),
        PATH=f"{binary.parent}{os.pathsep}{os.environ['PATH']}",
        GRANARY_ADMIN_PASSWORD=password,
        GRANARY_DATA=str(server.data),
    )
    for block in blocks:
        if is_make(block):
            continue
        for step in block:
            done = subprocess.run(
                ["bash", "-c", step.command.replace(DEFAULT_URL, server.url)],
                cwd=home,
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=60,
            )
            printed = done.stdout.replace(server.url, DEFAULT_URL)
            assert done.returncode == 0, f"$ {step.command}\nexits with {done.returncode}\n{printed}{done.stderr}"
            assert matches(step.output, printed), f"$ {step.command}\nprints\n{printed}\nnot\n{step.output}"


def test_the_four_commands_of_the_contract_are_there(blocks: list[list[Step]]) -> None:
    commands = [step.command for block in blocks for step in block if "/generic/" in step.command]
    assert all("curl" in command for command in commands) and len(commands) >= 4, commands
    assert any(re.search(r"(-T|--upload-file)\b", command) for command in commands), "no command publishes"
    assert any("DELETE" in command for command in commands), "no command deletes"


def test_the_make_targets_of_the_readme_exist(blocks: list[list[Step]]) -> None:
    commands = [step.command for block in blocks if is_make(block) for step in block]
    makefile = (REPOSITORY / "Makefile").read_text()
    named = [match.group(1).split() for command in commands if (match := MAKE.match(command))]
    targets = [word for words in named for word in words if re.fullmatch(r"[a-z][a-z-]*", word)]
    assert {"run", "test"} <= set(targets), f"the README is to name make run and make test, not only {targets}"
    for target in targets:
        assert re.search(rf"^{re.escape(target)}\s*:(?!=)", makefile, re.MULTILINE), f"the Makefile lacks {target}"


def test_the_reader_of_the_readme_notices_differences() -> None:
    (block,) = console_blocks("```console\n$ echo one \\\n> two\none …\nthree\n$ true\n```\n")
    assert block == [Step("echo one \\\ntwo", "one …\nthree\n"), Step("true", "")]
    assert matches("one …\nthree\n", "one two\nthree\n")
    assert not matches("one …\nthree\n", "one two\nfour\n")
    assert not matches("", "something\n")
