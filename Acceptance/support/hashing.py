# SPDX-License-Identifier: Apache-2.0
"""SHA-256 of bytes and of files, as records and as header fields state it."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def file_sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def representation_digest(content: bytes) -> str:
    """The value of a Repr-Digest field (RFC 9530)."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"
