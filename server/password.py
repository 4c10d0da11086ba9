"""The one password of a small team: only its scrypt hash is kept.

`python -m server.password` asks for it and prints the hash.
"""

import base64
import binascii
import getpass
import hashlib
import hmac
import re
import secrets

COST, BLOCK, LANES = 2**15, 8, 1  # 32 MB and some 0.1 s a try
SHORTEST = 12
FORM = re.compile(r"scrypt:(\d{5,7}):8:1:([\w+/=]{22,}):([\w+/=]{43,})")


def hashed(password: str, salt: bytes = b"") -> str:
    """scrypt:cost:block:lanes:salt:hash, for `password` in the secrets file.

    >>> fits("correct horse battery", hashed("correct horse battery"))
    True
    """
    salt = salt or secrets.token_bytes(16)
    parts = (base64.b64encode(part).decode() for part in (salt, _derived(password, salt, COST)))
    return ":".join(["scrypt", str(COST), str(BLOCK), str(LANES), *parts])


def well_formed(kept: str) -> bool:
    """Whether it is such a hash, and one that costs enough to guess."""
    found = FORM.fullmatch(kept)
    cost = int(found[1]) if found else 0
    return 2**14 <= cost <= 2**17 and cost & (cost - 1) == 0


def fits(password: str, kept: str) -> bool:
    """Whether that is the password; takes as long for a wrong one."""
    if not (found := FORM.fullmatch(kept)):
        return False
    try:
        salt, digest = base64.b64decode(found[2]), base64.b64decode(found[3])
    except binascii.Error:
        return False
    return hmac.compare_digest(_derived(password, salt, int(found[1])), digest)


def _derived(password: str, salt: bytes, cost: int) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=cost, r=BLOCK, p=LANES, maxmem=2**28, dklen=32)


if __name__ == "__main__":
    word = getpass.getpass("Password of the team: ")
    if len(word) < SHORTEST:
        raise SystemExit(f"At least {SHORTEST} characters, please.")
    print(hashed(word))
