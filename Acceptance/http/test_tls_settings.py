# SPDX-License-Identifier: Apache-2.0
"""Session tickets that every node knows, and what is said of certificates that clients will not trust."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from certificates import Authority
from programs import serve
from tls_server import TLSServer
from waiting import clean_environment, wait_until

SECRET = "unmistakable-0123456789-0123456789-0123456789"


@pytest.fixture
def pair(binary: Path, tmp_path: Path) -> Iterator[tuple[TLSServer, TLSServer]]:
    """Two servers, not yet started, with the same certificate."""
    one, two = TLSServer(binary, tmp_path / "one"), TLSServer(binary, tmp_path / "two")
    two.options, two.certificate = list(one.options), one.certificate
    yield one, two
    one.kill()
    two.kill()


def s_client(server: TLSServer, *arguments: str | Path) -> str:
    """What OpenSSL's client says of one connection, on which it waits for an answer and so for tickets."""
    done = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{server.port}", "-ign_eof", *map(str, arguments)],
        input="GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        capture_output=True, text=True, env=clean_environment(), timeout=60,
    )
    assert "HTTP/1.1 200" in done.stdout, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("kind", ["value and file", "none"])
def test_a_session_is_resumed_at_another_node(pair: tuple[TLSServer, TLSServer], tmp_path: Path, kind: str) -> None:
    one, two = pair
    if kind != "none":
        one.environment["GRANARY_TLS_TICKET_SECRET"] = SECRET
        (tmp_path / "secret").write_text(SECRET + "\n")
        two.options += ["--tls-ticket-secret-file", str(tmp_path / "secret")]
    session = tmp_path / "session"
    s_client(one.start(), "-tls1_3", "-sess_out", session)
    resumed = s_client(two.start(), "-tls1_3", "-sess_in", session)
    assert ("Reused, " in resumed) == (kind != "none"), resumed
    assert "Reused, " in s_client(one, "-tls1_3", "-sess_in", session)
    for server in pair:
        assert SECRET not in server.stdout() + server.stderr()


def test_the_secret_is_not_shown(binary: Path, tmp_path: Path) -> None:
    file = tmp_path / "granary.yml"
    file.write_text(f"tls:\n  certificate: /c.pem\n  key: /k.pem\n  ticket-secret: {SECRET}\n")
    done = serve(binary, "--config", file, "--print-config")
    assert "ticket-secret: '********'" in done.stdout and SECRET not in done.stdout + done.stderr


@pytest.mark.parametrize("content, reason", [(None, "cannot read the file"), ("short", "it has fewer than 32 bytes")])
def test_a_file_without_a_secret_ends_the_start(
    binary: Path, tmp_path: Path, content: str | None, reason: str
) -> None:
    server = TLSServer(binary, tmp_path / "tls")
    secret = tmp_path / "secret"
    if content is not None:
        secret.write_text(content)
    done = serve(binary, "--data", tmp_path / "data", *server.options, "--tls-ticket-secret-file", secret)
    assert done.returncode == 1 and f"secret in {secret}: {reason}" in done.stderr, done.stderr


def test_secrets_that_make_no_sense_are_refused(binary: Path, tmp_path: Path) -> None:
    short = serve(binary, "--print-config", GRANARY_TLS_TICKET_SECRET="unmistakable")
    assert short.returncode == 1 and "GRANARY_TLS_TICKET_SECRET is not valid" in short.stderr
    assert "unmistakable" not in short.stderr
    alone = serve(binary, "--print-config", GRANARY_TLS_TICKET_SECRET=SECRET)
    assert alone.returncode == 1 and "without tls.certificate" in alone.stderr and SECRET not in alone.stderr


def test_an_expired_certificate_is_said_to_be_so(binary: Path, tmp_path: Path) -> None:
    server = TLSServer(binary, tmp_path / "tls")
    authority = Authority.make(tmp_path)
    certificate, key = authority.sign("expired", days=-1)
    server.options = ["--tls-certificate", str(certificate), "--tls-key", str(key)]
    server.launch()
    try:
        wait_until(lambda: server.ended() or server._find_url(), "the server listens")
        assert "expired on" in server.stderr(), server.stderr()
        # One that is put in its place with the same fault is told of again.
        for new, path in zip(authority.sign("later", days=-1), (certificate, key)):
            path.write_bytes(new.read_bytes())
        wait_until(lambda: server.stderr().count("expired on") == 2, "the new certificate is warned of")
    finally:
        server.kill()
