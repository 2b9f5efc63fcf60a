# SPDX-License-Identifier: Apache-2.0
"""A server that speaks HTTPS only, and certificates that sign themselves."""

from __future__ import annotations

import os
import re
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from granary_server import CURRENT, GranaryServer


def make_certificate(folder: Path, common_name: str) -> tuple[Path, Path]:
    """A certificate that signs itself, and its key."""
    certificate, key = folder / f"{common_name}.crt", folder / f"{common_name}.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
         "-subj", f"/CN={common_name}", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key),
         "-out", str(certificate)],
        check=True, capture_output=True, timeout=60,
    )
    return certificate, key


def replace(path: Path, content: bytes) -> None:
    """Puts a file in another's place in one step, as certificate tools do."""
    new = path.with_suffix(".new")
    new.write_bytes(content)
    os.replace(new, path)


class TLSServer(GranaryServer):
    """A server that speaks HTTPS only."""

    def __init__(self, binary: Path, folder: Path) -> None:
        folder.mkdir()
        self.certificate, self.key = make_certificate(folder, "first")
        options = ["--tls-certificate", str(self.certificate), "--tls-key", str(self.key)]
        super().__init__(binary, folder / "data", folder / "logs", options)

    def http(self, user: str | None = None, *arguments: str) -> requests.Session:
        session = super().http(user, *arguments)
        session.verify = str(self.certificate)
        return session

    def address(self) -> tuple[str, int]:
        parts = urlsplit(self.url)
        return parts.hostname or "", parts.port or 0

    def presented(self) -> str:
        """The certificate that a new connection is shown."""
        return ssl.get_server_certificate(self.address(), timeout=10)

    def _find_url(self) -> bool:
        found = re.search(r"https://127\.0\.0\.1:([1-9]\d*)", self.stderr().rpartition("\n")[0])
        self.url = found.group(0) if found else ""
        return found is not None


@contextmanager
def serving(
    binary: Path, make_server: Callable[..., GranaryServer], folder: Path, is_secure: bool
) -> Iterator[GranaryServer]:
    """A server under the contract `current`, plain or over TLS."""
    if not is_secure:
        yield make_server(options=CURRENT).start()
        return
    server = TLSServer(binary, folder / "tls")
    server.options += CURRENT
    server.start()
    yield server
    server.kill()


@pytest.fixture
def secure(binary: Path, tmp_path: Path) -> Iterator[TLSServer]:
    """A running server that speaks HTTPS only."""
    server = TLSServer(binary, tmp_path / "tls")
    server.start()
    yield server
    server.kill()
