# SPDX-License-Identifier: Apache-2.0
"""An authority of the tests' own, and the certificates that it signs."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


def openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, timeout=60)


@dataclass
class Authority:
    """Who signs certificates; `certificate` is the file that clients trust."""

    folder: Path
    certificate: Path
    key: Path

    @classmethod
    def make(cls, folder: Path, name: str = "authority") -> Authority:
        certificate, key = folder / f"{name}.crt", folder / f"{name}.key"
        openssl("req", "-x509", *CURVE, "-days", "30", "-subj", f"/CN={name}", "-keyout", key, "-out", certificate)
        return cls(folder, certificate, key)

    def sign(self, name: str, names: str = "DNS:localhost,IP:127.0.0.1", days: int = 30) -> tuple[Path, Path]:
        """A certificate for these names and its key; with negative days it has expired."""
        certificate, key = self.folder / f"{name}.crt", self.folder / f"{name}.key"
        request, extensions = self.folder / f"{name}.csr", self.folder / f"{name}.ext"
        extensions.write_text(f"subjectAltName={names}\nbasicConstraints=CA:FALSE\n")
        openssl("req", "-new", *CURVE, "-subj", f"/CN={name}", "-keyout", key, "-out", request)
        openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self.key, "-CAcreateserial",
                "-days", str(days), "-extfile", extensions, "-out", certificate)
        return certificate, key
