# SPDX-License-Identifier: Apache-2.0
"""Small disks that can be full, read-only, or cut off like a machine without power; they need root or sudo."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from waiting import wait_until


def as_root(*command: str | Path) -> None:
    """Runs a command that must succeed, through sudo when this is not root."""
    prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
    done = subprocess.run([*prefix, *map(str, command)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, f"{' '.join(map(str, command))}: {done.stderr}"


def unmount(mount_point: Path) -> None:
    """Unmounts; a file system stays busy for a moment after its last process has ended."""

    def attempt() -> bool:
        prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
        return subprocess.run([*prefix, "umount", str(mount_point)], capture_output=True, timeout=60).returncode == 0

    wait_until(lambda: device_at(mount_point) is None or attempt(), f"{mount_point} is unmounted")


def device_at(mount_point: Path) -> str | None:
    """What is mounted there; `Path.is_mount` does not see a bind mount within one file system."""
    for line in Path("/proc/mounts").read_text().splitlines():
        device, path, *_ = line.split(" ")
        if path == str(mount_point):
            return device
    return None


@contextmanager
def small_disk(mount_point: Path, size: str) -> Iterator[Path]:
    """A tmpfs of the given size."""
    mount_point.mkdir(parents=True)
    owner = f"uid={os.getuid()},gid={os.getgid()},mode=0755"
    as_root("mount", "-t", "tmpfs", "-o", f"size={size},{owner}", "tmpfs", mount_point)
    try:
        yield mount_point
    finally:
        unmount(mount_point)


def fill(ballast: Path, leave: int) -> None:
    """Writes until only so many bytes are left on the disk."""
    disk = os.statvfs(ballast.parent)
    free = disk.f_bavail * disk.f_frsize
    with open(ballast, "ab") as file:
        file.write(bytes(max(0, free - leave)))


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Makes one folder read-only for everybody, also for a process that runs, and writable again afterwards.

    A whole file system cannot be made so while a file on it is open for writing; a bind mount over a folder can.
    """
    as_root("mount", "--bind", folder, folder)
    try:
        as_root("mount", "-o", "remount,bind,ro", folder)
        yield
    finally:
        # A file that the server keeps open for the next reader keeps the mount busy; the folder is free at once.
        as_root("umount", "--lazy", folder)


class LoopDisk:
    """An ext4 file system in a file, mounted through a loop device; it never writes back on its own."""

    def __init__(self, folder: Path, size: str = "512M") -> None:
        self.image = folder / "disk.img"
        self.mount_point = folder / "disk"
        self.mount_point.mkdir(parents=True)
        subprocess.run(["truncate", "-s", size, self.image], check=True)
        as_root("mkfs.ext4", "-q", "-F", "-E", f"root_owner={os.getuid()}:{os.getgid()}", self.image)

    def __enter__(self) -> LoopDisk:
        self.mount()
        return self

    def __exit__(self, *_: object) -> None:
        unmount(self.mount_point)

    def mount(self) -> None:
        as_root("mount", "-o", "loop,commit=300,errors=remount-ro", self.image, self.mount_point)

    def cut_power(self) -> None:
        """Stops the file system at once: neither data nor journal is written any more."""
        as_root("xfs_io", "-x", "-c", "shutdown", self.mount_point)

    def fail_to_read_only(self) -> None:
        """Lets the kernel meet an error, after which it makes the whole file system read-only."""
        device = device_at(self.mount_point)
        assert device is not None, f"{self.mount_point} is not mounted"
        as_root("sh", "-c", f"echo 1 > /sys/fs/ext4/{Path(device).name}/trigger_fs_error")

    def repair(self) -> None:
        """Unmounts, repairs and mounts again."""
        unmount(self.mount_point)
        prefix = [] if os.geteuid() == 0 else ["sudo", "-n"]
        done = subprocess.run([*prefix, "e2fsck", "-p", str(self.image)], capture_output=True, text=True, timeout=60)
        assert done.returncode in (0, 1), f"e2fsck: {done.stdout}{done.stderr}"
        self.mount()
