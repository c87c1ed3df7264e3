"""Compilation of the kernels: cached on disk where that is possible, and still working where it is not."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba.core import config as _config

from reknit.trust.sources import fingerprint

CONFIG: Any = _config  # its settings are attributes made at run time
F = TypeVar("F", bound=Callable[..., Any])


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _cache_is_possible() -> bool:
    """Whether compiled kernels can be kept;
    points Numba to a private folder when the package's is read-only.
    """
    if CONFIG.CACHE_DIR:
        return _writable(Path(CONFIG.CACHE_DIR))
    if _writable(Path(__file__).parent / "__pycache__"):
        return True
    folder = Path(tempfile.gettempdir()) / f"reknit-kernels-{os.getuid() if hasattr(os, 'getuid') else 0}"
    if not _writable(folder) or (hasattr(os, "getuid") and folder.stat().st_uid != os.getuid()):
        return False
    folder.chmod(0o700)
    CONFIG.CACHE_DIR = str(folder)
    return True


CACHE = _cache_is_possible()


# Sums may be taken in another order and divisions shared, but NaN and infinity keep their meaning.
# Arrays are not counted as they are handed from part to part: the counts are locked, and a tenth of the time.
_OPTIONS: dict[str, Any] = {
    "nogil": True,
    "error_model": "numpy",
    "fastmath": {"contract", "arcp", "nsz", "reassoc"},
    "_nrt": False,
}


def jit(function: F) -> F:
    """Compile a kernel: no Python objects, no lock held, no new arrays, division by zero as NumPy does it.

    A compiled kernel is kept with a fingerprint of all that went into it: Numba looks at the outermost
    function's file alone, so that a kernel would outlive a change in a part that was copied into it.
    """
    kernel: Any = numba.njit(cache=CACHE, **_OPTIONS)(function)
    kept: Any = getattr(getattr(kernel, "_cache", None), "_cache_file", None)
    if hasattr(kept, "_source_stamp"):
        kept._source_stamp = fingerprint()
    return cast(F, kernel)


def inline(function: F) -> F:
    """Compile a small part of a kernel, to be copied into its caller."""
    return cast(F, numba.njit(forceinline=True, **_OPTIONS)(function))
