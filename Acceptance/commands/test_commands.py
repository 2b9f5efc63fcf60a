# SPDX-License-Identifier: Apache-2.0
"""The commands: their help, their reference, completion by shells, and what mistyped ones are answered with."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from paths import REPOSITORY

USAGE = 64

ASK_BASH = """
source /dev/stdin
COMP_WORDS=({words})
COMP_CWORD={last}
_granary
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


def run(binary: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([binary, *arguments], capture_output=True, text=True, timeout=30)


def completed(binary: Path, *words: str) -> list[str]:
    """What bash offers for the last word."""
    script = run(binary, "completion", "bash").stdout
    ask = ASK_BASH.format(words=" ".join(f"'{word}'" for word in words), last=len(words) - 1)
    done = subprocess.run(["bash", "--norc", "-c", ask], input=script, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0 and done.stderr == ""
    return sorted(done.stdout.split())


@pytest.mark.parametrize(
    ("page", "form"), [("docs/COMMANDS.md", "markdown"), ("docs/CONFIGURATION.md", "configuration")]
)
def test_a_generated_page_is_up_to_date(binary: Path, page: str, form: str) -> None:
    written = (REPOSITORY / page).read_text(encoding="utf-8")
    assert written == run(binary, "reference", form).stdout, f"{page} is out of date: run make docs"


def test_the_program_carries_no_tables_of_unicode(binary: Path) -> None:
    """One import of Foundation's larger half would add 36 MB of ICU."""
    content = binary.read_bytes()
    assert b"icudt" not in content and b"ucnv_" not in content
    linked = subprocess.run(["ldd", binary], capture_output=True, text=True, check=True, timeout=60).stdout
    assert not re.search(r"libicu|lib_FoundationICU|libFoundation\.so", linked)


def test_the_manual_can_be_shown(binary: Path) -> None:
    page = run(binary, "reference", "man").stdout
    assert page.startswith(".TH GRANARY 1")
    for command in ("serve", "publish", "admin token create"):
        assert f".SS granary {command}\n" in page
    if shutil.which("man"):
        shown = subprocess.run(["man", "--warnings", "-l", "-"], input=page, capture_output=True, text=True, timeout=30)
        assert shown.returncode == 0 and shown.stderr == "" and "EXAMPLE" not in shown.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_completion_script_is_printed(binary: Path, shell: str) -> None:
    done = run(binary, "completion", shell)
    assert done.returncode == 0 and "token-file" in done.stdout
    if shutil.which(shell):
        checked = subprocess.run([shell, "-n"], input=done.stdout, capture_output=True, text=True, timeout=30)
        assert checked.returncode == 0 and checked.stderr == ""


def test_bash_completes_commands_flags_and_values(binary: Path) -> None:
    assert completed(binary, "granary", "pub") == ["publish"]
    assert completed(binary, "granary", "admin", "user", "") == ["create", "delete", "list", "update"]
    assert completed(binary, "granary", "list", "tools", "--format", "") == ["json", "text"]
    assert completed(binary, "granary", "serve", "--limits-to") == ["--limits-total-size", "--limits-total-versions"]
    assert "reference" not in completed(binary, "granary", "")


@pytest.mark.parametrize(
    ("line", "meant"),
    [("pubish", "publish"), ("admin usr list", "user"), ("list tools --fromat json", "--format"), ("--verison", "--version")],
)
def test_what_was_meant_is_named(binary: Path, line: str, meant: str) -> None:
    done = run(binary, *line.split())
    assert done.returncode == USAGE and done.stdout == ""
    assert f"Did you mean '{meant}'?" in done.stderr and "Usage: granary" in done.stderr


@pytest.mark.parametrize("flag", ["--experimental-dump-help", "--generate-completion-script"])
def test_there_are_no_hidden_flags(binary: Path, flag: str) -> None:
    done = run(binary, "list", "tools", flag)
    assert done.returncode == USAGE and f"Unknown option '{flag}'" in done.stderr


def test_help_and_version_are_results_and_mistakes_are_errors(binary: Path) -> None:
    assert run(binary).stdout == run(binary, "--help").stdout == run(binary, "help").stdout
    assert run(binary, "help", "admin", "user").stdout == run(binary, "admin", "user", "-h").stdout
    assert run(binary, "list", "--version").stdout == run(binary, "--version").stdout != ""
    wrong = run(binary, "show")
    assert (wrong.returncode, wrong.stdout) == (USAGE, "")
    assert wrong.stderr.startswith("Error: Missing expected argument '<version>'\nHelp:  <version>  The version, as ")


def test_a_process_without_standard_streams_writes_into_no_file_of_its_own(binary: Path, tmp_path: Path) -> None:
    command = 'exec "$0" admin user create robin --email robin@example.org --data "$1" <&- >&- 2>&-'
    prepared = subprocess.run([binary, "admin", "import", "-", "--data", tmp_path], input="", capture_output=True, text=True, timeout=60)
    assert prepared.returncode != 0, "an empty export is refused"
    done = subprocess.run(["bash", "-c", command, binary, tmp_path], timeout=60)
    assert done.returncode == 1, "nobody gets the results"
    listed = run(binary, "admin", "user", "list", "--data", str(tmp_path))
    assert listed.returncode == 0 and "robin" in listed.stdout
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or b"created user" not in path.read_bytes()
