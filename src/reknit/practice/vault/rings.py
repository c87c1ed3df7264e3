"""Key rings: the secrets that open what the database keeps closed.

A ring is a small file of Fernet keys, one a line, the newest first: new values are closed with the first key
and opened with any. ``records`` guards words and identifiers, ``reflections`` what a therapist writes for
nobody else. Beside them lies the key that seals the trail; it closes nothing and is never rotated.
"""

from __future__ import annotations

import base64
import contextlib
import os
import secrets
import tempfile
from functools import lru_cache
from pathlib import Path

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings

RINGS = ("records", "reflections")
SEALING = "trail"


class KeyMissing(RuntimeError):
    """A key ring is absent, unreadable, or holds no key that opens a stored value."""


def ring_path(name: str) -> Path:
    """Where the ring called ``name`` is kept."""
    if name not in (*RINGS, SEALING):
        raise ValueError(f"no key ring is called {name!r}; there are {', '.join((*RINGS, SEALING))}")
    return _in_folder(settings.VAULT_KEYS, name)


@lru_cache(maxsize=16)
def _in_folder(folder: str | Path, name: str) -> Path:
    return Path(folder) / f"{name}.keys"


def ring(name: str) -> MultiFernet:
    """The ring called ``name``, read again whenever its file has changed (a rotation needs no restart).

    Raises:
        KeyMissing: the file is absent, empty, or not a list of Fernet keys.
    """
    return _open(*_stamped(name))


def sealing_key() -> bytes:
    """The secret with which the trail's entries are sealed (32 bytes).

    Raises:
        KeyMissing: as for ``ring``.
    """
    return _sealing(*_stamped(SEALING))


def _stamped(name: str) -> tuple[Path, int, int]:
    path = ring_path(name)
    try:
        stamp = path.stat()
    except OSError as error:
        raise KeyMissing(
            f"The key ring {name!r} is missing: {path} cannot be read. "
            "Restore the keys folder from a backup; without it nothing closed with these keys can be opened."
        ) from error
    return path, stamp.st_mtime_ns, stamp.st_ino


@lru_cache(maxsize=16)
def _open(path: Path, _mtime: int, _inode: int) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys_in(path)])


@lru_cache(maxsize=4)
def _sealing(path: Path, _mtime: int, _inode: int) -> bytes:
    return base64.urlsafe_b64decode(keys_in(path)[0])


def keys_in(path: Path) -> list[str]:
    """The keys of one ring file, newest first, each checked."""
    keys = path.read_text("ascii").split()
    try:
        for key in keys:
            Fernet(key)
    except ValueError as error:
        raise KeyMissing(f"{path} is not a list of keys, one a line.") from error
    if not keys:
        raise KeyMissing(f"{path} holds no key.")
    return keys


def create_missing_rings(folder: Path) -> None:
    """At the very first start make every ring; a folder that holds any ring already is left alone.

    A ring lost later must be restored, not silently replaced: what it closed would be lost for good.
    """
    names = (*RINGS, SEALING)
    if not any((folder / f"{name}.keys").exists() for name in names):
        for name in names:
            write_private(folder / f"{name}.keys", Fernet.generate_key().decode() + "\n", replace=False)


def read_or_create_secret(path: Path) -> str:
    """The installation's signing secret, made at the first start."""
    if not path.exists():
        write_private(path, secrets.token_urlsafe(64) + "\n", replace=False)
    return path.read_text("ascii").strip()


def write_private(path: Path, text: str, *, replace: bool = True) -> None:
    """Write ``text`` whole or not at all, for the owner alone; without ``replace`` the first writer wins."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, scratch = tempfile.mkstemp(dir=path.parent, prefix=".new-")  # mkstemp makes it 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            Path(scratch).replace(path)
        else:
            with contextlib.suppress(FileExistsError):
                os.link(scratch, path)
    finally:
        Path(scratch).unlink(missing_ok=True)
