# SPDX-License-Identifier: Apache-2.0
"""A library that is missing or too old stops the start with one sentence, which says what to install."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from conftest import ServerFactory
from granary_server import ADMIN_PASSWORD, GranaryServer

# Says that libraries are older than they are.
LIAR = """
#if defined OPENSSL
unsigned long OpenSSL_version_num(void) { return 0x1010117fUL; }
const char *OpenSSL_version(int what) { return "1.1.1w"; }
#elif defined SQLITE
int sqlite3_libversion_number(void) { return 3034001; }
const char *sqlite3_libversion(void) { return "3.34.1"; }
#elif defined CURL
static struct { int age; const char *version; unsigned number; const char *rest[64]; } info = {9, "7.74.0", 0x074a00};
void *curl_version_info(int now) { return &info; }
#elif defined NGHTTP2
static struct { int age, number; const char *version, *protocol; } info = {1, 0x012b00, "1.43.0", "h2"};
void *nghttp2_version(int least) { return &info; }
#endif
"""
OLD = {
    "OPENSSL": ("OpenSSL 1.1.1w", "3.0"),
    "SQLITE": ("SQLite 3.34.1", "3.35"),
    "CURL": ("libcurl 7.74.0", "7.80"),
    "NGHTTP2": ("nghttp2 1.43.0", "1.52"),
}
# Nobody listens there: the library is looked for first.
POSTGRES = {"GRANARY_DATABASE_URL": "postgres://granary@127.0.0.1:1/granary"}


def sentence_of_start(server: GranaryServer) -> str:
    """The one sentence with which a start is refused."""
    server.launch()
    assert server.wait(60) != 0, "the server started"
    sentences = [line for line in server.stderr().splitlines() if line.startswith(("granary:", "Error:", "error:"))]
    assert len(sentences) == 1, server.stderr()
    return sentences[0]


def library(soname: str) -> Path:
    """Where the loader finds a library."""
    listed = subprocess.run(["ldconfig", "-p"], capture_output=True, text=True, check=True, timeout=30).stdout
    return Path(next(line for line in listed.splitlines() if line.strip().startswith(soname + " ")).split("=> ")[1])


def without(soname: str, folder: Path, function: str) -> Path:
    """A folder with a copy of a library that lacks a function, as it was before that was added."""
    content = library(soname).read_bytes()
    name = b"\0" + function.encode() + b"\0"
    assert name in content
    folder.mkdir()
    (folder / soname).write_bytes(content.replace(name, name[:-2] + b"_\0"))
    return folder


@pytest.mark.parametrize("name", OLD)
def test_an_old_library_stops_the_start(make_server: ServerFactory, tmp_path: Path, name: str) -> None:
    source, liar = tmp_path / "liar.c", tmp_path / "liar.so"
    source.write_text(LIAR)
    subprocess.run(["cc", f"-D{name}", "-shared", "-fPIC", "-o", liar, source], check=True, timeout=60)
    server = make_server(pair=None, environment={"LD_PRELOAD": str(liar)})
    sentence = sentence_of_start(server)
    found, needed = OLD[name]
    assert found in sentence and needed in sentence and "install" in sentence
    assert not server.data.exists(), "a start that is refused leaves nothing"


@pytest.mark.parametrize(
    "function", ["nghttp2_option_set_max_continuations", "nghttp2_option_set_stream_reset_rate_limit"]
)
def test_a_library_without_its_security_fixes_stops_the_start(
    make_server: ServerFactory, tmp_path: Path, function: str
) -> None:
    folder = without("libnghttp2.so.14", tmp_path / "old", function)
    sentence = sentence_of_start(make_server(pair=None, environment={"LD_LIBRARY_PATH": str(folder)}))
    assert "nghttp2" in sentence and "install" in sentence


def test_an_old_libpq_stops_the_start(make_server: ServerFactory, tmp_path: Path) -> None:
    folder = without("libpq.so.5", tmp_path / "old", "PQgetResult")
    sentence = sentence_of_start(make_server(pair=None, environment=POSTGRES | {"LD_LIBRARY_PATH": str(folder)}))
    assert "libpq" in sentence and "install the package libpq5" in sentence


def without_libpq() -> list[str]:
    """What runs a command on a machine that looks as if libpq were not installed."""
    hide = f"mount --bind /dev/null {library('libpq.so.5').resolve()} && exec \"$@\""
    return ["unshare", "--mount", "sh", "-c", hide, "sh"]


def test_postgres_without_libpq_stops_the_start(make_server: ServerFactory) -> None:
    sentence = sentence_of_start(make_server(pair=None, environment=POSTGRES, wrapper=without_libpq()))
    assert "libpq.so.5" in sentence and "install the package libpq5" in sentence


def test_sqlite_does_not_need_libpq(make_server: ServerFactory) -> None:
    environment = {"GRANARY_ADMIN_PASSWORD": ADMIN_PASSWORD}
    server = make_server(pair=None, environment=environment, wrapper=without_libpq()).start()
    assert server.http("admin").put(server.file_url("admin", "tool", "1.0.0", "a"), data=b"a").status_code == 201
