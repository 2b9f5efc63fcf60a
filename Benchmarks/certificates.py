# SPDX-License-Identifier: Apache-2.0
"""Certificates for the servers that are compared over TLS."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

KINDS = {"ecdsa": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"], "rsa": ["-newkey", "rsa:2048"]}


@dataclass(frozen=True)
class Certificate:
    """The PEM files of a self-signed certificate and its key."""

    certificate: Path
    key: Path

    @staticmethod
    def make(directory: Path, kind: str = "ecdsa") -> Certificate:
        made = Certificate(directory / f"{kind}.crt", directory / f"{kind}.key")
        subprocess.run(
            ["openssl", "req", "-x509", *KINDS[kind], "-nodes", "-days", "30", "-subj", "/CN=localhost",
             "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", made.key, "-out", made.certificate],
            check=True, stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
        )
        return made
