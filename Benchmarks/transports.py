# SPDX-License-Identifier: Apache-2.0
"""TLS and HTTP/2, compared with nginx that serves the same bytes with the same certificate."""

from __future__ import annotations

import hashlib
import os
import random
import re
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import count
from pathlib import Path

from certificates import KINDS, Certificate
from clients import HTTP1, HTTP2, download, load, load_http2, upload
from delaying_proxy import DelayingProxy
from downloads import make_file
from measure import BenchmarkError, Line, Step, Target, absolute, alternate, compare, count_text, milliseconds_text, \
    rate_text
from servers import Granary, Nginx, Server
from settings import MIB, Bench, size_text

NAMES = ("tls-4kib", "tls-1mib", "tls-1gib", "http2-4kib", "http2-1mib", "http2-1gib", "handshakes", "random-4kib",
         "beside-large", "upload-tls", "upload-http2", "upload-distant", "idle-memory")

UPLOAD_SIZE = 20 * MIB


def run(bench: Bench, wanted: Sequence[str]) -> Iterator[Step]:
    """The wanted measurements."""
    secure = Pair(bench, Certificate.make(bench.directory))
    if any(name.startswith(("tls", "http2")) for name in wanted):
        with secure:
            for name, step in secure.downloads():
                if name in wanted:
                    yield step
    if "handshakes" in wanted:
        program = compile_handshakes(bench)
        for kind in KINDS:
            with Pair(bench, Certificate.make(bench.directory, kind)) as pair:
                yield partial(pair.handshakes, program, "new", kind, Target(1.0, stretch=1.1))
                if kind == "ecdsa":
                    yield partial(pair.handshakes, program, "resumed", kind, Target(1.2, stretch=1.4))
    if "random-4kib" in wanted or "beside-large" in wanted:
        with Pair(bench, None) as plain:
            if "random-4kib" in wanted:
                yield plain.random_files
            if "beside-large" in wanted:
                yield plain.small_beside_large
    if any(name.startswith("upload") for name in wanted):
        yield from uploads(bench, wanted)
    if "idle-memory" in wanted:
        with secure:
            yield partial(secure.idle_memory, compile_handshakes(bench))


class Pair:
    """Both servers with the same files and the same certificate; `with pair:` runs them."""

    made = count(1)

    def __init__(self, bench: Bench, certificate: Certificate | None) -> None:
        self.bench = bench
        files = bench.directory / "files"
        files.mkdir(exist_ok=True)
        number = next(self.made)
        self.granary = Granary(bench.granary, bench.directory / f"granary-{number}", certificate)
        self.nginx = Nginx(bench.directory / f"nginx-{number}", files, certificate)
        self.versions = count(1)

    def __enter__(self) -> Pair:
        self.granary.start()
        self.nginx.start()
        self.token = self.granary.make_token()
        return self

    def __exit__(self, *_: object) -> None:
        self.granary.stop()
        self.nginx.stop()

    @property
    def servers(self) -> tuple[Server, Server]:
        return self.granary, self.nginx

    def place(self, size: int) -> tuple[str, str]:
        """A file that both servers answer with; its two paths."""
        name = f"file-{size}.bin"
        file = self.nginx.files / name
        digest = hashlib.sha256(file.read_bytes()).hexdigest() if file.exists() else make_file(file, size)
        path = self.granary.path("bench", f"{next(self.versions)}.0.0", name)
        upload(file, self.granary.url + path, [f"Authorization: token {self.token}", f"X-Checksum-Sha256: {digest}"])
        os.sync()
        return path, f"/{name}"

    def downloads(self) -> Iterator[tuple[str, Step]]:
        settings = self.bench.settings
        small, medium, large = settings.small_file, settings.medium_file, settings.large_file
        yield "tls-4kib", partial(self.many, small, count_text, Target(1.0, stretch=1.15))
        yield "tls-1mib", partial(self.many, medium, rate_text, Target(1.0, stretch=1.1))
        yield "tls-1gib", partial(self.one, large, HTTP1, "TLS", Target(1.0, stretch=1.1))
        yield "http2-4kib", partial(self.streams, small, 8, 16, count_text, Target(1.2, stretch=1.6))
        yield "http2-1mib", partial(self.streams, medium, 8, 4, rate_text, Target(1.0, stretch=1.1))
        yield "http2-1gib", partial(self.one, large, HTTP2, "HTTP/2", Target(1.0, stretch=1.1))

    def many(self, size: int, show, target: Target) -> list[Line]:
        scale = size if show is rate_text else 1
        results = self._alternate(size, lambda url: load(self.bench.settings, url).per_second * scale)
        what = f"download {size_text(size)} over TLS 1.3, {self.bench.settings.connections} connections"
        return [compare(what, *results, "nginx", show, target)]

    def streams(self, size: int, connections: int, streams: int, show, target: Target) -> list[Line]:
        scale = size if show is rate_text else 1
        results = self._alternate(
            size, lambda url: load_http2(self.bench.settings, url, connections, streams).per_second * scale
        )
        what = f"download {size_text(size)} over HTTP/2, {connections} connections with {streams} streams"
        return [compare(what, *results, "nginx", show, target)]

    def one(self, size: int, options: Sequence[str], way: str, target: Target) -> list[Line]:
        results = self._alternate(size, lambda url: download(url, size, options))
        return [compare(f"download {size_text(size)} over {way}, one connection", *results, "nginx", rate_text, target)]

    def _alternate(self, size: int, measure) -> list[list[float]]:
        urls = [server.url + path for server, path in zip(self.servers, self.place(size))]
        return alternate(self.bench.settings.runs, *(partial(measure, url) for url in urls))

    def handshakes(self, program: Path, mode: str, kind: str, target: Target) -> list[Line]:
        paths = self.place(self.bench.settings.small_file)
        results = alternate(
            self.bench.settings.runs,
            *(
                partial(handshake_rate, program, mode, server.port, path, self.bench.settings.seconds)
                for server, path in zip(self.servers, paths)
            ),
        )
        what = f"{'resumed' if mode == 'resumed' else 'full'} TLS 1.3 handshakes with one request each, {kind.upper()}"
        return [compare(what, *results, "nginx", count_text, target)]

    def idle_memory(self, program: Path) -> list[Line]:
        """What a connection costs that has made one request and waits."""
        connections = 200 if self.bench.settings.runs == 1 else 4_000
        path, _ = self.place(self.bench.settings.small_file)
        costs = []
        for _ in range(self.bench.settings.runs):
            self.granary.stop()
            self.granary.options = ["--limits-connections", str(connections + 100)]
            self.granary.start()
            handshake_rate(program, "new", self.granary.port, path, 1)
            before = self.granary.memory("VmRSS")
            command = [program, "idle", str(self.granary.port), path, str(connections), "2"]
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as client:
                assert client.stdout is not None
                if client.stdout.readline() != f"IDLE {connections}\n":
                    raise BenchmarkError("not all idle connections were made")
                costs.append((self.granary.memory("VmRSS") - before) * 1024 / connections)
        what = f"resident memory of an idle TLS connection, {connections:,} of them"
        target = Target(20, stretch=15, at_least=False, unit="KiB")
        return [absolute(what, costs, lambda value: f"{value:.1f} KiB", target)]

    def random_files(self) -> list[Line]:
        """More files than the table of recent downloads holds, in an order that nobody can foresee."""
        files = 20_000 if self.bench.settings.runs > 1 else 500
        size = self.bench.settings.small_file
        self.bench.say(f"{files:,} files of {size_text(size)} on both servers")
        names = [f"{index:05d}.bin" for index in range(files)]
        for name in names:
            (self.nginx.files / name).write_bytes(os.urandom(size))
        self._publish_all(names)
        base = self.granary.url + self.granary.path("many", "1.0.0", "")
        settings = self.bench.settings
        results = alternate(
            settings.runs,
            lambda: load(settings, base, "random_name.lua", arguments=[files]).per_second,
            lambda: load(settings, self.nginx.url + "/", "random_name.lua", arguments=[files]).per_second,
        )
        what = f"download {size_text(size)}, random ones of {files:,} files, {settings.connections} connections"
        return [compare(what, *results, "nginx", count_text, Target(0.4, stretch=0.7))]

    def _publish_all(self, names: Sequence[str]) -> None:
        """Publishes files with few processes: curl takes many transfers at once."""
        subprocess.run(
            [self.granary.binary, "admin", "owner", "set-contract", "admin", "current", "--data", self.granary.data],
            check=True, stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
        )
        base = self.granary.url + self.granary.path("many", "1.0.0", "")
        for start in range(0, len(names), 1000):
            part = names[start : start + 1000]
            command = ["curl", "--disable", "--silent", "--show-error", "--fail", "--noproxy", "*", "--parallel",
                       "--parallel-max", "32", "--header", f"Authorization: token {self.token}", "--upload-file",
                       f"{{{','.join(str(self.nginx.files / name) for name in part)}}}", base]
            subprocess.run(command, check=True, stdin=subprocess.DEVNULL, capture_output=True, timeout=300)

    def small_beside_large(self) -> list[Line]:
        """How long small downloads take while a large one and a large upload go on."""
        settings = self.bench.settings
        small, large = self.place(settings.small_file), self.place(settings.large_file)
        source = self.nginx.files / f"file-{settings.large_file}.bin"
        targets = count(1)

        def p99(server: Server, index: int) -> float:
            def put() -> None:
                if server is self.granary:
                    place = self.granary.path("beside", f"{next(targets)}.0.0", "large.bin")
                else:
                    place = "/put/large.bin"
                upload(source, server.url + place, [f"Authorization: token {self.token}"])

            with repeated(lambda: download(server.url + large[index], settings.large_file)), repeated(put):
                return load(settings, server.url + small[index], connections=8).p99_milliseconds

        ours, theirs = alternate(settings.runs, lambda: p99(self.granary, 0), lambda: p99(self.nginx, 1))
        what = f"p99 of downloads of {size_text(settings.small_file)} beside a {size_text(settings.large_file)} download and upload"
        return [compare(what, ours, theirs, "nginx", milliseconds_text, Target(1.2, stretch=1.0, at_least=False))]


@contextmanager
def repeated(work):
    """Does something again and again meanwhile."""
    is_over = threading.Event()
    failures: list[Exception] = []

    def run() -> None:
        while not is_over.is_set() and not failures:
            try:
                work()
            except (BenchmarkError, OSError, subprocess.SubprocessError) as error:
                failures.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()
    if failures:
        raise failures[0]


def uploads(bench: Bench, wanted: Sequence[str]) -> Iterator[Step]:
    """One large file over each transport, and a smaller one over a long line."""
    source = bench.directory / "source.bin"
    digest = make_file(source, bench.settings.large_file)
    small = bench.directory / "small.bin"
    small_digest = make_file(small, min(UPLOAD_SIZE, bench.settings.large_file))
    certificate = Certificate.make(bench.directory)
    turns = count(1)
    with Granary(bench.granary, bench.directory / "plain") as plain, \
            Granary(bench.granary, bench.directory / "secure", certificate) as secure:
        tokens = {plain: plain.make_token(), secure: secure.make_token()}

        def put(server: Granary, options: Sequence[str], file: Path, sha256: str, port: int | None = None) -> float:
            url = server.url.replace(str(server.port), str(port or server.port))
            place = server.path("upload", f"{next(turns)}.{random.getrandbits(32)}.0", file.name)
            os.sync()
            rate = upload(
                file, url + place, [f"Authorization: token {tokens[server]}", f"X-Checksum-Sha256: {sha256}"], options
            )
            subprocess.run(
                ["curl", "--disable", "--silent", "--fail", "--insecure", "--noproxy", "*", "--request", "DELETE",
                 "--header", f"Authorization: token {tokens[server]}", server.url + place.rpartition("/")[0]],
                check=True, capture_output=True, timeout=60,
            )
            return rate

        def compare_ways(what: str, target: Target, mine, other, name: str) -> list[Line]:
            results = alternate(bench.settings.runs, mine, other)
            return [compare(what, *results, name, rate_text, target)]

        large = f"upload {size_text(bench.settings.large_file)}, verified, synced,"
        if "upload-tls" in wanted:
            yield partial(
                compare_ways, f"{large} TLS to plain", Target(0.8, stretch=0.95),
                lambda: put(secure, HTTP1, source, digest), lambda: put(plain, HTTP1, source, digest), "plain",
            )
        if "upload-http2" in wanted:
            yield partial(
                compare_ways, f"{large} HTTP/2 to HTTP/1.1 over TLS", Target(0.85, stretch=0.95),
                lambda: put(secure, HTTP2, source, digest), lambda: put(secure, HTTP1, source, digest), "HTTP/1.1",
            )
        if "upload-distant" in wanted:
            for milliseconds in (20, 100):
                with DelayingProxy(secure.port, milliseconds) as proxy:
                    yield partial(
                        compare_ways,
                        f"upload {size_text(small.stat().st_size)} at {milliseconds} ms round trip, HTTP/2 to HTTP/1.1",
                        # The time may be 1.25 times that of HTTP/1.1.
                        Target(0.8, stretch=1.0),
                        partial(put, secure, HTTP2, small, small_digest, proxy.port),
                        partial(put, secure, HTTP1, small, small_digest, proxy.port),
                        "HTTP/1.1",
                    )


def compile_handshakes(bench: Bench) -> Path:
    program = bench.directory / "handshakes"
    if not program.exists():
        source = Path(__file__).resolve().parent / "handshakes.c"
        subprocess.run(["cc", "-O2", "-o", program, source, "-lssl", "-lcrypto"], check=True, timeout=60)
    return program


def handshake_rate(program: Path, mode: str, port: int, path: str, seconds: int) -> float:
    """Connections a second of four clients, each with one request."""
    done = subprocess.run(
        [program, mode, str(port), path, "4", str(seconds)],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds + 60,
    )
    found = re.search(r"RESULT (\d+) (\d+) (\d+) (\d+)", done.stdout)
    if done.returncode != 0 or not found:
        raise BenchmarkError(f"the client of handshakes failed: {done.stderr.strip()}")
    made, resumed, failed, microseconds = map(int, found.groups())
    # Each client begins with a full handshake.
    if failed or not made or (mode == "resumed" and resumed < made - 4):
        raise BenchmarkError(f"{made} handshakes, {resumed} of them resumed, {failed} failed")
    return made / microseconds * 1e6
