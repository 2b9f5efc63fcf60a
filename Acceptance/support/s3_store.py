# SPDX-License-Identifier: Apache-2.0
"""A private S3 store of scripts/s3.sh: start, settings for a server, pause, kill, quota, stop."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from paths import REPOSITORY

SCRIPT = REPOSITORY / "scripts" / "s3.sh"


class S3Store:
    """A store with all its files in a folder; its content survives stop and start."""

    def __init__(self, folder: Path, size: str | None = None) -> None:
        self.folder = folder
        self.environment = os.environ | ({} if size is None else {"S3_SIZE": size})
        self.values: dict[str, str] = {}

    def start(self) -> S3Store:
        """Starts what does not run and waits until it answers."""
        done = subprocess.run(
            [SCRIPT, "start", self.folder], stdout=subprocess.PIPE, check=True, text=True, timeout=300, env=self.environment
        )
        lines = (line.partition("=") for line in done.stdout.splitlines())
        self.values = {name.removeprefix("GRANARY_TEST_S3_"): value for name, _, value in lines}
        return self

    def stop(self) -> None:
        subprocess.run([SCRIPT, "stop", self.folder], check=True, timeout=120)

    def settings(self, **added: str) -> dict[str, str]:
        """The environment of a server that keeps its content here."""
        names = ("ENDPOINT", "REGION", "BUCKET", "ACCESS_KEY", "SECRET_KEY")
        return {"GRANARY_BLOBS": "s3", **{f"GRANARY_S3_{name}": self.values[name] for name in names}, **added}

    def pause(self) -> None:
        """Lets the store take connections and do nothing."""
        os.kill(self._pid("client"), signal.SIGSTOP)

    def resume(self) -> None:
        os.kill(self._pid("client"), signal.SIGCONT)

    def kill(self) -> None:
        """Ends all of it as a power cut does."""
        for name in ("client", "osd", "mon"):
            os.kill(self._pid(name), signal.SIGKILL)

    def limit(self, size: str) -> None:
        """Lets the bucket hold so many bytes; -1 for any number."""
        quota = ["quota", "set", "--quota-scope=user", "--uid=granary", f"--max-size={size}"]
        self._radosgw_admin(*quota)
        self._radosgw_admin("quota", "enable", "--quota-scope=user", "--uid=granary")

    def _radosgw_admin(self, *arguments: str) -> None:
        command = ["radosgw-admin", "-c", self.folder / "ceph.conf", "-n", "client.admin", *arguments]
        subprocess.run(command, check=True, capture_output=True, timeout=60)

    def _pid(self, name: str) -> int:
        return int((self.folder / "run" / f"{name}.pid").read_text())


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Store]:
    """One store for all tests of this file."""
    store = S3Store(tmp_path_factory.mktemp("s3"))
    try:
        yield store.start()
    finally:
        store.stop()
