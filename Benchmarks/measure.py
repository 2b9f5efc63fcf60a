# SPDX-License-Identifier: Apache-2.0
"""From repeated measurements to one line of the table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

Measurement = Callable[[], float]


class BenchmarkError(Exception):
    """Why a measurement says nothing."""


def alternate(runs: int, *contenders: Measurement) -> list[list[float]]:
    """Measures all contenders in turn, A B A B, so that what disturbs the machine disturbs all; one list for each."""
    results: list[list[float]] = [[] for _ in contenders]
    for _ in range(runs):
        for contender, values in zip(contenders, results):
            values.append(contender())
    return results


@dataclass(frozen=True)
class Target:
    """What a value has to reach, and what it would be fine to reach."""

    bound: float
    stretch: float | None = None
    at_least: bool = True
    unit: str = "×"

    def __str__(self) -> str:
        sign = "≥" if self.at_least else "≤"
        more = "" if self.stretch is None else f" (stretch {self.stretch:g})"
        return f"{sign} {self.bound:g} {self.unit}{more}"

    def judge(self, value: float) -> str:
        """Whether the value reaches the bound, in the words of the table."""
        if not self._holds(value, self.bound):
            return "**no**"
        return "yes, stretch" if self.stretch is not None and self._holds(value, self.stretch) else "yes"

    def _holds(self, value: float, bound: float) -> bool:
        return value >= bound if self.at_least else value <= bound


@dataclass(frozen=True)
class Line:
    """One line of the table, as it is printed."""

    what: str
    ours: str
    other: str = "–"
    ratio: str = "–"
    spread: str = "–"
    target: str = "–"
    reached: str = "–"


def compare(
    what: str,
    ours: Sequence[float],
    other: Sequence[float],
    name: str,
    show: Callable[[float], str],
    target: Target | None,
) -> Line:
    """A line about two contenders: the ratio of every pair, and the median of these ratios."""
    ratios = [mine / theirs for mine, theirs in zip(ours, other, strict=True)]
    ratio = median(ratios)
    return Line(
        what=what,
        ours=show(median(ours)),
        other=f"{name}: {show(median(other))}",
        ratio=f"{ratio:.2f}",
        spread=f"{min(ratios):.2f}–{max(ratios):.2f}",
        target=str(target or "–"),
        reached=target.judge(ratio) if target else "–",
    )


# A measurement that is still to be made, and the lines it gives. A group yields these one by one while its servers run.
Step = Callable[[], Sequence[Line]]


def absolute(what: str, values: Sequence[float], show: Callable[[float], str], target: Target) -> Line:
    """A line about one contender and a fixed bound."""
    return Line(
        what=what,
        ours=show(median(values)),
        spread=f"{min(values):.0f}–{max(values):.0f} {target.unit}",
        target=str(target),
        reached=target.judge(median(values)),
    )


def rate_text(bytes_per_second: float) -> str:
    """Bytes per second for a person."""
    return f"{bytes_per_second / 1e6:,.0f} MB/s"


def count_text(per_second: float) -> str:
    """Requests per second for a person."""
    return f"{per_second:,.0f} /s"


def milliseconds_text(milliseconds: float) -> str:
    """A time for a person."""
    return f"{milliseconds:,.2f} ms" if milliseconds < 10 else f"{milliseconds:,.0f} ms"


def mebibytes_text(mebibytes: float) -> str:
    """An amount of memory for a person."""
    return f"{mebibytes:.0f} MiB"
