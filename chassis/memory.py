"""How a process stays small: it gives back what it used for a moment. By glibc's means; musl does so by itself."""

import asyncio
import ctypes
import gc

# The number of this setting in glibc's malloc.h. Its default is an arena a thread, most of which cannot be trimmed.
ARENA_MAX = -8
TRIM_SECONDS = 10.0
# How many more objects there must be before the collector looks for rings of them. Python's own 700 is reached again
# and again by what a few calls at once hold for a moment, which goes by itself.
YOUNG_OBJECTS = 10_000

_libc = ctypes.CDLL(None)


def share() -> None:
    """Lets all threads share one pool of memory. To be called before the first of them starts."""
    if hasattr(_libc, "mallopt"):
        _libc.mallopt(ARENA_MAX, 1)


def trim() -> None:
    """Gives free pages back to the system; takes well under a millisecond."""
    if hasattr(_libc, "malloc_trim"):
        _libc.malloc_trim(0)


def settle() -> None:
    """Gives back what only the start needed, and spares the collector going through the rest again and again."""
    gc.collect()
    trim()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS)


async def keep_small() -> None:
    """Gives back now and then. At once would cost each password (19 MiB) or photo half its time again."""
    while True:
        await asyncio.sleep(TRIM_SECONDS)
        trim()
