# SPDX-License-Identifier: Apache-2.0
"""What testssl.sh, which knows the attacks on TLS of the last decades, finds on a server."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from certificates import openssl
from tls_server import TLSServer
from waiting import clean_environment

SEVERE = {"MEDIUM", "HIGH", "CRITICAL", "FATAL", "WARN"}
# What is not the server's to decide, or decided otherwise with a reason.
ACCEPTED = {
    "cert_revocation": "the authority of this test publishes neither a list nor an OCSP responder",
    "sessionresumption_ticket": "version 3.0 asks OpenSSL 3 by an option it has no more; unit tests resume",
}
# What must have been looked at; a scan that broke off finds nothing.
EXPECTED = {
    "SSLv2", "SSLv3", "TLS1", "TLS1_1", "TLS1_2", "TLS1_3", "ALPN", "cipherlist_aNULL", "cipherlist_NULL",
    "cipher_order", "secure_renego", "secure_client_renego", "heartbleed", "CCS", "ticketbleed", "ROBOT",
    "CRIME_TLS", "POODLE_SSL", "fallback_SCSV", "SWEET32", "FREAK", "DROWN", "LOGJAM", "BEAST", "LUCKY13",
    "RC4", "cert_chain_of_trust", "cert_trust",
}


def make_trusted_certificate(folder: Path, algorithm: tuple[str, ...]) -> tuple[Path, Path, Path]:
    """A certificate of an authority, its key, and the authority's own certificate."""
    authority, authority_key = folder / "authority.crt", folder / "authority.key"
    certificate, key, request = folder / "server.crt", folder / "server.key", folder / "server.csr"
    extensions = folder / "extensions"
    extensions.write_text(
        "subjectAltName=DNS:localhost,IP:127.0.0.1\nbasicConstraints=critical,CA:FALSE\nextendedKeyUsage=serverAuth\n"
        "keyUsage=critical,digitalSignature\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n"
    )
    openssl("req", "-x509", "-newkey", "rsa:3072", "-nodes", "-days", "400", "-subj", "/CN=Acceptance authority",
            "-keyout", authority_key, "-out", authority)
    openssl("req", "-new", "-newkey", *algorithm, "-nodes", "-subj", "/CN=localhost", "-keyout", key, "-out", request)
    openssl("x509", "-req", "-in", request, "-CA", authority, "-CAkey", authority_key, "-CAcreateserial", "-days", "90",
            "-extfile", extensions, "-out", certificate)
    return certificate, key, authority


@pytest.fixture(params=[("ec", "-pkeyopt", "ec_paramgen_curve:P-256"), ("rsa:2048",)], ids=["ecdsa", "rsa"])
def server(binary: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[TLSServer]:
    server = TLSServer(binary, tmp_path / "tls")
    certificate, key, authority = make_trusted_certificate(tmp_path, request.param)
    # The chain up to the authority: the suite's own client trusts what stands in the file.
    server.certificate.write_bytes(certificate.read_bytes() + authority.read_bytes())
    server.key.write_bytes(key.read_bytes())
    server.start()
    yield server
    server.kill()


def scan(port: int, authority: Path, folder: Path) -> list[dict[str, str]]:
    """All findings about the server on a port of this host."""
    findings = folder / "findings.json"
    done = subprocess.run(
        # Everything but the simulation of browsers, which is a table for people.
        ["testssl", "--quiet", "--color", "0", "--warnings", "off", "--ip", "127.0.0.1", "--add-ca", authority,
         "--protocols", "--std", "--server-preference", "--fs", "--server-defaults", "--vulnerable",
         "--jsonfile", findings, f"https://localhost:{port}"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env=clean_environment(), timeout=200,
    )
    assert findings.exists(), done.stdout
    return json.loads(findings.read_text())


def test_a_scan_finds_nothing_of_weight(server: TLSServer, tmp_path: Path) -> None:
    findings = scan(server.address()[1], tmp_path / "authority.crt", tmp_path)
    missing = EXPECTED - {finding["id"].split(" ")[0] for finding in findings}
    assert not missing, f"not looked at: {sorted(missing)}"
    severe = [finding for finding in findings if finding["severity"] in SEVERE and finding["id"] not in ACCEPTED]
    assert not severe, "\n".join(f"{finding['id']}: {finding['finding']}" for finding in severe)
    assert not server.ended()
