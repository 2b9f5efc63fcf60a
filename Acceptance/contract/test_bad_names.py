# SPDX-License-Identifier: Apache-2.0
"""Names outside the contract are refused with a text that names the part, the rule and the value."""

from __future__ import annotations

from contextlib import suppress

import pytest

from granary_server import GranaryServer
from raw_http import CREDENTIALS, Answer, RawConnection, exchange, head


# One bad part each, as raw bytes of the request's target, and what the message must show of the value.
BAD_NAMES: list[tuple[bytes, str | None]] = [
    (b"a%2Fb", "a/b"),
    (b"a%2fb", "a/b"),
    (b"a%5Cb", None),
    (b"a%00b", None),
    (b"%00", None),
    (b"a%0D%0Ab", None),
    (b"a%7Fb", None),
    (b".", "."),
    (b"..", ".."),
    (b"%2e", "."),
    (b"%2E%2e", ".."),
    (b".%2e", ".."),
    (b"..%2f..%2fetc%2fpasswd", "../../etc/passwd"),
    (b"%252e%252e", "%2e%2e"),
    (b"a%20b", "a b"),
    (b"a*b", "a*b"),
    (b"a~b", "a~b"),
    (b"a:b", "a:b"),
    (b"a%3Fb", "a?b"),
    (b"a%22b", None),
    (b"a%3Cb%3E", "a<b>"),
    (b"a;b", "a;b"),
    (b"a,b", "a,b"),
    (b"a@b", "a@b"),
    (b"%C3%A9", None),
    (b"a%E2%80%AEb", None),
    (b"x" * 256, None),
]
BAD_VERSIONS: list[tuple[bytes, str | None]] = [
    (b"1.0", "1.0"),
    (b"1", "1"),
    (b"v1.0.0", "v1.0.0"),
    (b"01.2.3", "01.2.3"),
    (b"1.02.3", "1.02.3"),
    (b"1.2.03", "1.2.03"),
    (b"1.0.0-", "1.0.0-"),
    (b"1.0.0-01", "1.0.0-01"),
    (b"1.0.0-a..b", "1.0.0-a..b"),
    (b"1.0.0+", "1.0.0+"),
    (b"1.0.0+a+b", "1.0.0+a+b"),
    (b"1.0.0.0", "1.0.0.0"),
    (b"-1.0.0", "-1.0.0"),
    (b"1.0.0_rc1", "1.0.0_rc1"),
    (b"latest", "latest"),
    (b"%201.0.0", " 1.0.0"),
    (b"1.0.0%20", "1.0.0 "),
    (b"1.0.0%0A", None),
    (b"1.0.0%2F..", "1.0.0/.."),
    (b"..", ".."),
    (b"%2e%2E", ".."),
    (b"1.0.0-" + b"x" * 250, None),
]
# Escapes that decode to no text at all.
BAD_ESCAPES = [b"a%zzb", b"a%", b"a%4", b"a%FF", b"%C0%AE%C0%AE", b"%ED%A0%80", b"a%C3"]


def target(part: str, value: bytes) -> bytes:
    parts = {"package name": b"tool", "package version": b"1.0.0", "file name": b"tool.bin", part: value}
    return b"/api/packages/admin/generic/" + b"/".join(parts.values())


def publish(server: GranaryServer, raw_target: bytes) -> Answer:
    return exchange(server.url, "PUT", raw_target, CREDENTIALS | {"Content-Length": "4"}, b"data")


def complaints(answer: Answer, part: str, value: bytes, shown: str | None) -> list[str]:
    """What is wrong with the refusal of one bad part."""
    case = f"{part} {value[:40]!r}: {answer.status} {answer.body!r}"
    if answer.status != 400:
        return [f"{case}: not 400"]
    text = answer.body.decode("utf-8", errors="replace")
    found = []
    if part not in text:
        found.append(f"{case}: does not name the part")
    if shown is not None and shown not in text:
        found.append(f"{case}: does not show the value")
    if len(text.strip()) < len(part) + 15 or not text.endswith("\n") or text.count("\n") != 1:
        found.append(f"{case}: is not one sentence on one line")
    if not text[:-1].isprintable() or len(text) > 600:
        found.append(f"{case}: the value is not escaped or not cut")
    return found


@pytest.mark.parametrize("part", ["package name", "file name", "package version"])
def test_bad_parts_are_refused(server: GranaryServer, part: str) -> None:
    table = BAD_VERSIONS if part == "package version" else BAD_NAMES
    problems: list[str] = []
    for value, shown in table:
        problems += complaints(publish(server, target(part, value)), part, value, shown)
    assert not problems, "\n".join(problems)
    assert_nothing_published(server)


@pytest.mark.parametrize("part", ["package name", "file name", "package version"])
def test_broken_escapes_are_refused(server: GranaryServer, part: str) -> None:
    problems = []
    for value in BAD_ESCAPES:
        answer = publish(server, target(part, value))
        if answer.status != 400 or len(answer.body) < 15:
            problems.append(f"{value!r}: {answer.status} {answer.body!r}")
    assert not problems, "\n".join(problems)
    assert_nothing_published(server)


def test_a_refused_name_is_refused_before_the_body(server: GranaryServer) -> None:
    with RawConnection(server.url) as connection:
        expecting = CREDENTIALS | {"Content-Length": "1000000", "Expect": "100-continue"}
        connection.send(head("PUT", target("package version", b"1.0"), expecting))
        answer = connection.receive("PUT")
    assert (answer.status, answer.interim) == (400, [])


def test_the_longest_names_and_odd_ones_are_accepted(server: GranaryServer) -> None:
    accepted = [
        ("package name", b"x" * 255),
        ("file name", b"x" * 255),
        ("package version", b"1.0.0-" + b"x" * 249),
        ("package name", b"A.b-C_9"),
        ("package name", b"..."),
        ("package name", b"_"),
        ("file name", b".hidden"),
        ("file name", b"-"),
        ("package version", b"1.0.0-alpha.beta+build.01"),
        ("package version", b"0.0.0--"),
        ("package version", b"99999999999999999999999.0.0"),
    ]
    statuses = {}
    for number, (part, value) in enumerate(accepted):
        # Every case has a package of its own unless the package is the case.
        raw = target(part, value) if part == "package name" else target(part, value).replace(b"tool/", b"t%d/" % number)
        statuses[value[:30]] = publish(server, raw).status
        if statuses[value[:30]] == 201:
            assert exchange(server.url, "GET", raw, CREDENTIALS).body == b"data", value
    assert statuses == dict.fromkeys(statuses, 201)


def test_asking_for_a_bad_name_gives_no_file(server: GranaryServer) -> None:
    for part in ("package name", "file name", "package version"):
        for value in [b"..%2f..%2fgranary.db", b"%2e%2e", b"a%00b", b"%zz"]:
            answer = exchange(server.url, "GET", target(part, value), CREDENTIALS)
            assert answer.status in (400, 404), f"{part} {value!r}: {answer.status}"
            assert b"SQLite" not in answer.body


def test_a_very_long_target_is_refused_and_the_server_goes_on(server: GranaryServer) -> None:
    with RawConnection(server.url) as connection:
        with suppress(OSError):
            connection.send(head("PUT", target("file name", b"x" * 300_000), CREDENTIALS | {"Content-Length": "0"}))
        if connection.readable(10):
            answer = connection.receive_or_none("PUT")
            assert answer is None or answer.status in (400, 414, 431)
    assert server.is_ready()
    assert_nothing_published(server)


def assert_nothing_published(server: GranaryServer) -> None:
    url = f"{server.url}/api/granary/v1/packages/admin"
    answer = server.http("admin").get(url, timeout=30)
    assert answer.status_code == 200 and answer.json()["packages"] == []
