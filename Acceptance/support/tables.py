# SPDX-License-Identifier: Apache-2.0
"""Tables of requests and answers, one row a line."""

from __future__ import annotations

from collections.abc import Iterator

from paths import TABLES


def rows(name: str) -> Iterator[str]:
    """The lines of a table without its comments."""
    for line in (TABLES / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line
