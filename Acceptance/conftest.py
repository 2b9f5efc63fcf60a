# SPDX-License-Identifier: Apache-2.0
"""The plugins of the acceptance suite, and the fixtures that start no server."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

pytest_plugins = ["server_fixtures", "reports"]


@pytest.fixture(scope="session")
def debian_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real Debian package, fetched from the machine's own mirror."""
    folder = tmp_path_factory.mktemp("debian-package")
    subprocess.run(
        ["apt-get", "-o", "APT::Sandbox::User=root", "download", "hello"],
        cwd=folder,
        check=True,
        timeout=120,
    )
    return next(folder.glob("hello_*.deb"))
