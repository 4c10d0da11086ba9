"""The limits this process gives itself before it opens anything."""

SMALL = 8 << 20  # what unpacks to less can do no harm, however well it was packed
RATIO = 100


class Refused(Exception):
    """A sentence for the person who brought the file."""


def apply(memory: int, seconds: int, largest: int) -> None:
    """No more than `memory` bytes of address space, `seconds` of processor, files of `largest` bytes."""
    try:
        import resource
    except ImportError:  # not on Windows
        return
    for limit, value in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, largest),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (value, value))


def too_large(size: int, packed: int, largest: int) -> bool:
    """Whether `size` bytes out of `packed` are more than a table needs."""
    return size > largest or (size > SMALL and size > RATIO * max(packed, 1))


def bomb(size: int, packed: int, largest: int) -> Refused:
    """The sentence for a container that grows beyond its limits."""
    if size > largest:
        return Refused(
            f"Unpacked, this file is larger than {largest >> 20:,} MB, the most that can be read. "
            "Export fewer rows or columns."
        )
    return Refused(
        f"This file grows to more than {RATIO} times its size when unpacked, which no table does. "
        "Export it again as CSV and upload that."
    )
