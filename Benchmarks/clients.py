# SPDX-License-Identifier: Apache-2.0
"""The clients that make the load: wrk for many requests, curl for large files."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from measure import BenchmarkError
from settings import Settings

SCRIPTS = Path(__file__).resolve().parent / "wrk"
RESULT = re.compile(r"^RESULT (\d+) (\d+) (\d+) (\d+) (\d+) (\d+)$", re.MULTILINE)


@dataclass(frozen=True)
class LoadResult:
    """What wrk saw: how many answers counted, and the latency that 99 of 100 requests did not exceed."""

    per_second: float
    p99_milliseconds: float


def load(
    settings: Settings,
    url: str,
    script: str = "get.lua",
    connections: int | None = None,
    threads: int = 2,
    headers: Sequence[str] = (),
    arguments: Sequence[object] = (),
) -> LoadResult:
    """Runs wrk with one of our scripts; a refused, broken or timed-out request makes the measurement void."""
    connections = connections or settings.connections
    command = ["wrk", "-t", str(min(threads, connections)), "-c", str(connections), "-d", f"{settings.seconds}s"]
    command += ["--timeout", "30s", "-s", script]
    command += [part for header in headers for part in ("-H", header)]
    command += [url, "--", *map(str, arguments)]
    done = subprocess.run(
        command, cwd=SCRIPTS, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=settings.seconds + 90
    )
    found = RESULT.search(done.stdout)
    if done.returncode != 0 or found is None:
        raise BenchmarkError(f"wrk failed on {url}: {done.stderr.strip()} {done.stdout.strip()[-500:]}")
    counted, microseconds, p99, broken, refused, first_refusal = map(int, found.groups())
    if broken or refused or not counted:
        first = f", the first of them {first_refusal}" if first_refusal else ""
        raise BenchmarkError(
            f"wrk on {url} with {script}: {counted} answers as expected in {settings.seconds} s, "
            f"{broken} broken requests, {refused} other answers{first}"
        )
    return LoadResult(per_second=counted / microseconds * 1e6, p99_milliseconds=p99 / 1000)


def load_http2(settings: Settings, url: str, connections: int, streams: int) -> LoadResult:
    """Runs h2load with so many streams on each connection; what is refused or broken makes the measurement void."""
    command = ["h2load", "-t", "2", "-c", str(connections), "-m", str(streams), "-D", str(settings.seconds), url]
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=settings.seconds + 90
    )
    rate = re.search(r"finished in [\d.]+m?s, ([\d.]+) req/s", done.stdout)
    counts = re.search(r"(\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout", done.stdout)
    answers = re.search(r"status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx", done.stdout)
    if done.returncode != 0 or not rate or not counts or not answers:
        raise BenchmarkError(f"h2load failed on {url}: {done.stderr.strip()} {done.stdout.strip()[-500:]}")
    if any(map(int, counts.groups()[1:])) or any(map(int, answers.groups()[1:])):
        raise BenchmarkError(f"h2load on {url}: {counts[0]}; {answers[0]}")
    return LoadResult(per_second=float(rate[1]), p99_milliseconds=0)


# What curl speaks: HTTP/1.1 unless a measurement is about HTTP/2.
HTTP1 = ("--http1.1",)
HTTP2 = ("--http2",)


def download(url: str, size: int, options: Sequence[str] = HTTP1) -> float:
    """Downloads a file with curl, to nowhere, and returns the bytes per second."""
    form = "%{http_code} %{size_download} %{time_total}"
    status, received, seconds = _curl(form, *options, "--output", "/dev/null", url)
    if status != 200 or received != size:
        raise BenchmarkError(f"curl {url}: status {status:.0f} with {received:.0f} bytes instead of {size}")
    return received / seconds


def upload(file: Path, url: str, headers: Sequence[str] = (), options: Sequence[str] = HTTP1) -> float:
    """Uploads a file with curl and returns the bytes per second until the answer was there."""
    options = [*options] + [part for header in headers for part in ("--header", header)]
    form = "\n%{http_code} %{size_upload} %{time_total}"
    status, sent, seconds = _curl(form, "--upload-file", str(file), *options, url)
    # 204 is what nginx answers when it has replaced a file.
    if status not in (201, 204) or sent != file.stat().st_size:
        raise BenchmarkError(f"curl PUT {url}: status {status:.0f} after {sent:.0f} bytes")
    return sent / seconds


def _curl(form: str, *arguments: str) -> tuple[float, ...]:
    command = ["curl", "--disable", "--silent", "--show-error", "--insecure", "--noproxy", "*", "--write-out", form, *arguments]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600)
    if done.returncode != 0:
        raise BenchmarkError(f"curl failed: {done.stderr.strip()}")
    return tuple(float(word) for word in done.stdout.rpartition("\n")[2].split())
