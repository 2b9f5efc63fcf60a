# SPDX-License-Identifier: Apache-2.0
"""How large and how long everything is, and what a benchmark is given to work with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

KIB = 1 << 10
MIB = 1 << 20
GIB = 1 << 30


@dataclass(frozen=True)
class Settings:
    """Sizes, numbers and times; the defaults are those of the published table."""

    runs: int = 7
    seconds: int = 3
    large_file: int = GIB
    medium_file: int = MIB
    small_file: int = 4 * KIB
    connections: int = 32
    # Memory: some uploads end; the others stop hurrying at their share, so that the disk does not fill.
    uploads: int = 64
    uploads_that_end: int = 8
    upload_size: int = 256 * MIB
    upload_share: int = 36 * MIB
    downloads: int = 256
    paced_seconds: int = 10
    # Scale: ten files a version.
    few_files: int = 1_000
    some_files: int = 10_000
    many_files: int = 1_000_000
    idle_seconds: float = 3

    @staticmethod
    def quick() -> Settings:
        """Everything tiny: shows that the benchmarks work, and nothing else."""
        return Settings(
            runs=1,
            seconds=1,
            large_file=16 * MIB,
            uploads=4,
            uploads_that_end=2,
            upload_size=8 * MIB,
            upload_share=4 * MIB,
            downloads=8,
            paced_seconds=1,
            some_files=2_000,
            many_files=5_000,
            idle_seconds=0.5,
        )

    @property
    def disk(self) -> int:
        """About how many bytes of disk the benchmarks need at once."""
        return 5 * self.large_file + 512 * MIB


@dataclass(frozen=True)
class Bench:
    """What every benchmark is given: the settings, the program to measure, and a directory of its own on the disk."""

    settings: Settings
    granary: Path
    directory: Path

    def say(self, text: str) -> None:
        """Tells a waiting person what happens now."""
        print(f"  {text}", flush=True)


def size_text(size: int) -> str:
    """A size as people write it: `1 GiB`, `4 KiB`."""
    for unit, name in ((GIB, "GiB"), (MIB, "MiB"), (KIB, "KiB")):
        if size >= unit:
            return f"{size / unit:g} {name}"
    return f"{size} B"
