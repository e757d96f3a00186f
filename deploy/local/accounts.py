"""Which operating system account the private servers run as, and where their data may lie.

PostgreSQL refuses to run as root. Where we are root, the servers run as `postgres` (if the machine
has that account) or `nobody`, and nginx's workers as `www-data` or the like; otherwise they run as
whoever called us.
"""

from __future__ import annotations

import grp
import hashlib
import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

OUTSIDE = Path("/var/lib")
"""Where data goes that a server's account could not reach where it was wanted (below /root)."""
COPIES = "embedded-"
"""How the names of copied programs begin."""


@dataclass(frozen=True)
class Account:
    """An operating system account that a server runs as."""

    name: str
    uid: int
    gid: int

    def can_reach(self, path: Path) -> bool:
        """True if this account may enter the folder (or read and run the file) at `path`."""
        if path.is_dir():
            command = ["test", "-x", str(path), "-a", "-r", str(path)]
        else:
            command = ["test", "-r", str(path)]
        answer = subprocess.run(
            command, user=self.uid, group=self.gid, extra_groups=[], check=False, cwd="/"
        )
        return answer.returncode == 0


def edge_account() -> tuple[Account, str] | None:
    """Returns whom nginx's workers drop to, with the name of the account's group.

    Not the account that owns the database's files: what faces the network must not reach them.
    None where we are not root, or where no such account has a group with a name.
    """
    if os.geteuid() != 0:
        return None
    for name in ("www-data", "nginx", "nobody"):
        try:
            entry = pwd.getpwnam(name)
            # Debian's `nobody` is of the group `nogroup`: the names need not be the same.
            group = grp.getgrgid(entry.pw_gid).gr_name
        except KeyError:
            continue
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid), group
    return None


def server_account() -> Account | None:
    """Returns the account to drop to, or None where we are not root and stay who we are."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    return Account("nobody", 65534, 65534)


def owner_of(path: Path) -> Account | None:
    """Returns the account that owns `path`: data stays with the account that made it."""
    if os.geteuid() != 0 or not path.exists():
        return None
    status = path.stat()
    if status.st_uid == 0:
        return None
    try:
        name = pwd.getpwuid(status.st_uid).pw_name
    except KeyError:
        name = str(status.st_uid)
    return Account(name, status.st_uid, status.st_gid)


def reachable_folder(folder: Path, account: Account | None) -> Path:
    """Makes the folder a server works in, owned by its account, closed to others.

    Args:
        folder: Where it should be, absolute.
        account: Who the server runs as; None for ourselves.

    Returns:
        `folder`, or a folder below `/var/lib` named after it where the account cannot reach it.
    """
    if account is None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder
    parent = folder.parent
    parent.mkdir(parents=True, exist_ok=True)
    if not _can_traverse(parent, account):
        folder = outside_folder(folder) / folder.name
        folder.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
    folder.mkdir(exist_ok=True, mode=0o700)
    os.chown(folder, account.uid, account.gid)
    return folder


def outside_folder(folder: Path) -> Path:
    """Returns the folder below `/var/lib` that stands in for the parent of `folder`."""
    digest = hashlib.sha256(str(folder.parent).encode()).hexdigest()[:10]
    return OUTSIDE / f"flsdb-{digest}"


def remove_outside(place: Path) -> None:
    """Removes a server's folder; the last one of a stand-in below `/var/lib` takes that with it.

    Args:
        place: What `reachable_folder` returned; nothing may run in it any more.
    """
    shutil.rmtree(place, ignore_errors=True)
    stand_in = place.parent
    if stand_in.parent != OUTSIDE or not stand_in.name.startswith("flsdb-"):
        return
    # Copies of programs serve whatever else lies there, and are of no use alone.
    if all(path.name.startswith(COPIES) for path in stand_in.glob("*")):
        shutil.rmtree(stand_in, ignore_errors=True)


def reachable_copy(sources: Sequence[Path], target: Path) -> Path:
    """Copies files or folders side by side into `target`, once; returns `target`.

    For programs that the account of a server cannot reach where they are installed.
    """
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
        partial = target.with_name(target.name + ".partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(mode=0o755)
        for source in sources:
            shutil.copytree(source, partial / source.name, symlinks=True)
        partial.rename(target)
    return target


def give_to(path: Path, account: Account | None, *, mode: int) -> None:
    """Hands a file to the account a server runs as, readable as `mode` says."""
    os.chmod(path, mode)
    if account is not None:
        os.chown(path, account.uid, account.gid)


def _can_traverse(folder: Path, account: Account) -> bool:
    answer = subprocess.run(
        ["test", "-x", str(folder)],
        user=account.uid,
        group=account.gid,
        extra_groups=[],
        check=False,
        cwd="/",
    )
    return answer.returncode == 0
