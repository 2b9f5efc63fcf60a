# SPDX-License-Identifier: Apache-2.0
"""Downloads, compared with nginx that serves the same bytes with `sendfile`."""

from __future__ import annotations

import base64
import hashlib
import os
import urllib.request
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from clients import download, load, upload
from measure import BenchmarkError, Line, Step, Target, alternate, compare, count_text, rate_text
from servers import Granary, Nginx
from settings import MIB, Bench, size_text

NAMES = ("download-1gib", "download-1mib", "download-4kib", "download-4kib-token", "download-4kib-password",
         "token-requests")


def run(bench: Bench, wanted: Sequence[str]) -> Iterator[Step]:
    """The wanted measurements."""
    files = bench.directory / "files"
    files.mkdir()
    granary = Granary(bench.granary, bench.directory / "granary")
    nginx = Nginx(bench.directory / "nginx", files)
    with granary, nginx:
        pair = Pair(bench, granary, nginx, granary.make_token())
        if "download-1gib" in wanted:
            yield pair.large
        if "download-1mib" in wanted:
            yield pair.medium
        for name, way, target in (
            ("download-4kib", "anonymous", Target(0.9, stretch=1.1)),
            ("download-4kib-token", "with a token", Target(0.7, stretch=0.9)),
            ("download-4kib-password", "with user and password", Target(0.7, stretch=0.9)),
        ):
            if name in wanted:
                yield partial(pair.small, way, target)
        if "token-requests" in wanted:
            yield pair.token_requests


class Pair:
    """Both servers with the same files."""

    def __init__(self, bench: Bench, granary: Granary, nginx: Nginx, token: str) -> None:
        self.bench = bench
        self.granary = granary
        self.nginx = nginx
        self.token = token

    def large(self) -> list[Line]:
        size = self.bench.settings.large_file
        ours, theirs = self._place(size)
        results = alternate(self.bench.settings.runs, lambda: download(ours, size), lambda: download(theirs, size))
        what = f"download {size_text(size)}, one connection"
        return [compare(what, *results, "nginx", rate_text, Target(1.0, stretch=1.2))]

    def medium(self) -> list[Line]:
        size = self.bench.settings.medium_file
        ours, theirs = self._place(size)
        results = alternate(self.bench.settings.runs, self._rate(ours, size), self._rate(theirs, size))
        what = f"download {size_text(size)}, {self.bench.settings.connections} connections"
        return [compare(what, *results, "nginx", rate_text, Target(1.0))]

    def small(self, way: str, target: Target) -> list[Line]:
        size = self.bench.settings.small_file
        ours, theirs = self._place(size, name=f"small-{len(way)}")
        secret = f"admin:{self.granary.password}".encode()
        headers = {
            "anonymous": [],
            "with a token": [f"Authorization: token {self.token}"],
            "with user and password": [f"Authorization: Basic {base64.b64encode(secret).decode()}"],
        }[way]
        results = alternate(self.bench.settings.runs, self._rate(ours, 1, headers), self._rate(theirs, 1))
        what = f"download {size_text(size)}, {self.bench.settings.connections} keep-alive connections, {way}"
        return [compare(what, *results, "nginx", count_text, target)]

    def token_requests(self) -> list[Line]:
        """Requests with a token, compared with anonymous ones for the same."""
        size = self.bench.settings.small_file
        content, _ = self._place(size, name="token")
        record = f"{self.granary.url}/api/granary/v1/packages/admin/token/1.0.0"
        headers = [f"Authorization: token {self.token}"]
        lines = []
        for what, url in ((f"download {size_text(size)}", content), ("record of a version", record)):
            results = alternate(self.bench.settings.runs, self._rate(url, 1, headers), self._rate(url, 1))
            lines.append(compare(f"{what} with a token", *results, "anonymous", count_text, Target(0.8)))
        return lines

    def _rate(self, url: str, scale: int, headers: Sequence[str] = ()):
        return lambda: load(self.bench.settings, url, headers=headers).per_second * scale

    def _place(self, size: int, name: str | None = None) -> tuple[str, str]:
        """Makes a file, publishes it, and returns its two URLs, which then answer with the same bytes."""
        name = name or f"file-{size}"
        self.bench.say(f"a file of {size_text(size)} on both servers")
        file = self.nginx.files / f"{name}.bin"
        digest = make_file(file, size)
        ours = self.granary.url + self.granary.path(name, "1.0.0", file.name)
        theirs = f"{self.nginx.url}/{file.name}"
        upload(file, ours, [f"Authorization: token {self.token}", f"X-Checksum-Sha256: {digest}"])
        for url in (ours, theirs):
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url) as answer:
                if hashlib.file_digest(answer, "sha256").hexdigest() != digest:
                    raise BenchmarkError(f"{url} does not answer with the bytes of {file.name}")
        os.sync()
        return ours, theirs


def make_file(file: Path, size: int) -> str:
    """Writes a file of random bytes and returns its SHA-256."""
    digest = hashlib.sha256()
    with open(file, "wb") as out:
        for start in range(0, size, MIB):
            block = os.urandom(min(MIB, size - start))
            digest.update(block)
            out.write(block)
    return digest.hexdigest()
