# SPDX-License-Identifier: Apache-2.0
"""Waiting for conditions with a deadline, and environments without surprises."""

from __future__ import annotations

import os
import time
from collections.abc import Callable


def wait_until(condition: Callable[[], object], what: str, seconds: float = 30) -> None:
    """Polls the condition until it holds; fails with `what` when the deadline passes first."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.01)


def clean_environment(**added: str) -> dict[str, str]:
    """The environment without the product's own settings and without proxies, plus what is added."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GRANARY") and not name.lower().endswith("_proxy")
    }
    return kept | added
