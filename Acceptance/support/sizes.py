# SPDX-License-Identifier: Apache-2.0
"""Units of sizes, in bytes."""

from __future__ import annotations

KIBIBYTE = 1 << 10
MEBIBYTE = 1 << 20
GIBIBYTE = 1 << 30
