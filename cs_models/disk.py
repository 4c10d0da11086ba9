"""What the disk says when it cannot write, as sentences a person can act on."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from cs_models.problems import Problem

FULL = (
    "The disk of this server is full, so nothing of this was kept. What was kept before is safe. Free some space, or ask "
    "whoever runs the server, then try again."
)
READ_ONLY = (
    "The folder in which this server keeps data can be read, not written. What is in it can be opened; nothing new can be "
    "kept. Tell whoever runs the server."
)
GONE = "What this needs is no longer on this server: somebody deleted it meanwhile. Load the data again."
NO_MEMORY = "This server has too little memory free for this just now. Nothing was changed; try again in a while."
OTHERWISE = (
    "The disk of this server answered with an error, so nothing of this was kept. What was kept before is as it was. "
    "Tell whoever runs the server."
)
SENTENCES = (
    ((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), ("no space left", "quota exceeded", "file too large"), FULL),
    ((errno.EROFS, errno.EACCES, errno.EPERM), ("read-only", "permission denied"), READ_ONLY),
    ((errno.ENOENT,), ("no such file",), GONE),
    ((errno.ENOMEM,), ("cannot allocate memory",), NO_MEMORY),
)


def sentence(error: OSError) -> str:
    """The sentence for an error of the disk; libraries that lose its number still say its words.

    >>> sentence(OSError(errno.ENOSPC, "No space left on device"))[:36]
    'The disk of this server is full, so '
    """
    said = str(error).lower()
    fits = (told for codes, words, told in SENTENCES if error.errno in codes or any(word in said for word in words))
    return next(fits, OTHERWISE)


@contextmanager
def spoken() -> Iterator[None]:
    """An error of the disk becomes a Problem. Its own words hold a path of the server and stay inside."""
    try:
        yield
    except ConnectionError:  # an upload that broke off is no fault of the disk
        raise
    except OSError as error:
        raise Problem(sentence(error)) from error
