# SPDX-License-Identifier: Apache-2.0
"""The granary command as its user has it: a home directory, a login, a file to publish, and the statuses that it exits with."""

from __future__ import annotations

import random
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from granary_server import GranaryServer
from sizes import MEBIBYTE
from waiting import clean_environment

DONE, FAILED, NOT_FOUND, NOT_ALLOWED, EXISTS, VERIFICATION, UNAVAILABLE, USAGE = 0, 1, 3, 4, 5, 6, 7, 64


@dataclass
class Client:
    """The granary command with its own home directory."""

    binary: Path
    home: Path
    token: str

    @property
    def saved_login(self) -> Path:
        return self.home / "config" / "granary" / "login.json"

    def environment(self, **added: str) -> dict[str, str]:
        return clean_environment(HOME=str(self.home), XDG_CONFIG_HOME=str(self.home / "config"), **added)

    def run(self, *arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [str(self.binary), *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            cwd=self.home,
            env=self.environment(**environment),
            timeout=120,
        )
        assert self.token not in done.stdout + done.stderr, "a command printed the token"
        return done

    def expect(self, status: int, *arguments: str | Path, **environment: str) -> str:
        """Runs a command that must exit so; returns standard output, or the error when it is not 0."""
        done = self.run(*arguments, **environment)
        words = " ".join(map(str, arguments))
        told = done.stdout + done.stderr
        assert done.returncode == status, f"granary {words}: {done.returncode}, not {status}\n{told}"
        if status == DONE:
            return done.stdout
        assert len(done.stderr.split()) >= 4, f"granary {words} exits with {status} and no sentence: {done.stderr!r}"
        return done.stderr


@pytest.fixture
def stranger(server: GranaryServer, binary: Path, tmp_path: Path) -> Client:
    """A client that knows neither server nor token; its token could publish for `robot`."""
    server.create_user("robot")
    home = tmp_path / "home"
    home.mkdir()
    return Client(binary, home, server.create_token("robot", "write:package"))


@pytest.fixture
def client(server: GranaryServer, stranger: Client) -> Client:
    """A client that is signed in."""
    token_file = stranger.home / "token"
    token_file.write_text(stranger.token + "\n")
    stranger.expect(DONE, "login", server.url, "--token-file", token_file)
    return stranger


@pytest.fixture
def release(client: Client) -> Path:
    """A local file to publish."""
    path = client.home / "tool.bin"
    path.write_bytes(random.Random(7).randbytes(3 * MEBIBYTE))
    return path
