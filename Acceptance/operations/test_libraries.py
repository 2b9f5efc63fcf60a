# SPDX-License-Identifier: Apache-2.0
"""A library that is missing or too old stops the start with one sentence, which says what to install."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from granary_server import ADMIN_PASSWORD, GranaryServer
from server_fixtures import ServerFactory
from waiting import clean_environment

# Says that libraries are older than they are.
LIAR = """
#if defined OPENSSL
unsigned long OpenSSL_version_num(void) { return 0x1010117fUL; }
const char *OpenSSL_version(int what) { return "1.1.1w"; }
#elif defined SQLITE
int sqlite3_libversion_number(void) { return 3034001; }
const char *sqlite3_libversion(void) { return "3.34.1"; }
#elif defined NGHTTP2
static struct { int age, number; const char *version, *protocol; } info = {1, 0x012b00, "1.43.0", "h2"};
void *nghttp2_version(int least) { return &info; }
#endif
"""
OLD = {
    "OPENSSL": ("OpenSSL 1.1.1w", "3.0"),
    "SQLITE": ("SQLite 3.34.1", "3.35"),
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


def hiding(soname: str) -> list[str]:
    """What runs a command on a machine that looks as if a library were not installed."""
    hide = f"mount --bind /dev/null {library(soname).resolve()} && exec \"$@\""
    return ["unshare", "--mount", "sh", "-c", hide, "sh"]


def test_postgres_without_libpq_stops_the_start(make_server: ServerFactory) -> None:
    sentence = sentence_of_start(make_server(pair=None, environment=POSTGRES, wrapper=hiding("libpq.so.5")))
    assert "libpq.so.5" in sentence and "install the package libpq5" in sentence


@pytest.mark.parametrize("soname", ["libpq.so.5", "libcurl.so.4"])
def test_the_embedded_engines_need_neither_libpq_nor_libcurl(make_server: ServerFactory, soname: str) -> None:
    environment = {"GRANARY_ADMIN_PASSWORD": ADMIN_PASSWORD}
    server = make_server(pair=None, environment=environment, wrapper=hiding(soname)).start()
    assert server.http("admin").put(server.file_url("admin", "tool", "1.0.0", "a"), data=b"a").status_code == 201


S3 = {
    "GRANARY_BLOBS": "s3", "GRANARY_S3_ENDPOINT": "http://127.0.0.1:1", "GRANARY_S3_BUCKET": "content",
    "GRANARY_S3_ACCESS_KEY": "key", "GRANARY_S3_SECRET_KEY": "secret",
}
# Says that it is older than it is.
OLD_CURL = """
static struct { int age; const char *version; unsigned number; const char *rest[64]; } info = {9, "7.74.0", 0x074a00};
void *curl_version_info(int now) { return &info; }
"""


def old_curl(folder: Path) -> dict[str, str]:
    """The environment in which libcurl is too old."""
    source = folder / "curl.c"
    source.write_text(OLD_CURL)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", folder / "libcurl.so.4", source], check=True, timeout=60)
    return {"LD_LIBRARY_PATH": str(folder)}


@pytest.mark.parametrize("lack", ["missing", "old"])
def test_s3_without_libcurl_stops_the_start(make_server: ServerFactory, tmp_path: Path, lack: str) -> None:
    environment, wrapper = (S3, hiding("libcurl.so.4")) if lack == "missing" else (S3 | old_curl(tmp_path), [])
    sentence = sentence_of_start(make_server(pair=None, environment=environment, wrapper=wrapper))
    assert "libcurl" in sentence and "install" in sentence


@pytest.mark.parametrize("lack", ["missing", "old"])
def test_the_client_without_libcurl_says_what_to_install(binary: Path, tmp_path: Path, lack: str) -> None:
    command = [*(hiding("libcurl.so.4") if lack == "missing" else []), binary, "list", "admin"]
    environment = clean_environment(GRANARY_URL="http://127.0.0.1:1", HOME=str(tmp_path))
    if lack == "old":
        environment |= old_curl(tmp_path)
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment)
    assert done.returncode not in (0, 127) and "libcurl" in done.stderr and "install" in done.stderr, done.stderr
