"""Who is here, what he may do, and which data sets are his: one answer for pages, uploads and saved scenarios.

Where nobody says who he is (this machine only, or one password), all are one person to whom everything belongs. Behind a
proxy that knows people, or OpenID Connect, a data set is its owner's alone until he shares it with everybody on this
server; to all others it is not here. A viewer looks and comments; an editor loads, saves and shares; what is only its
owner's to do (share, delete, say how long it stays) nobody else does.
"""

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from cs_models import ownership
from cs_models.problems import Problem
from pages.shared import cache
from pages.shared.samples import SAMPLES

PROXY, OIDC = "proxy", "oidc"
VIEWER, EDITOR = "viewer", "editor"
LOOK_ONLY = "You may look and comment here. To load, save or share anything, ask whoever runs this server."
NOT_YOURS = "Only the owner of these data may do that."
NOT_COUNTED = ("Only the owner of these data may count them again: your count would be a copy that stays when they are "
               "deleted. If you have the file, load it as your own.")  # fmt: skip


@dataclass(frozen=True)
class Rules:
    """How this server tells people apart. `people`: who may come in; `editors`: who may change anything.

    Each is an e-mail address or `*@firm.com`; () stands for everybody whom the gate lets in.
    """

    kind: str = ""
    people: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()


@dataclass(frozen=True)
class Person:
    """`id`: a digest, "" where all are one person; `name`: what others read; `role`: viewer or editor.

    `address`: the digest of an address that a provider has verified; what was given to it is his.
    """

    id: str = ""
    name: str = ""
    role: str = EDITOR
    address: str = ""


NOBODY = Person("0" * 32, "", VIEWER)  # nothing belongs to it
_rules = Rules()


def rule(rules: Rules) -> None:
    """How people are told apart from now on: said once, as the server starts."""
    global _rules
    _rules = rules


def rules() -> Rules:
    return _rules


def listed(email: str, patterns: tuple[str, ...]) -> bool:
    """Whether an address is one of a list; an empty list holds everybody.

    >>> listed("Ana@Firm.test", ("*@firm.test",)), listed("ana@firm.test.evil", ("*@firm.test",)), listed("", ("*",))
    (True, False, False)
    """
    return not patterns or (bool(email) and any(fnmatchcase(email.casefold(), one.casefold()) for one in patterns))


def digest(*parts: str) -> str:
    """What stands for a person beside a data set: 32 hex characters, the same for any spelling of an address."""
    return hashlib.sha256("\n".join(("person", *parts)).encode()).hexdigest()[:32]


def by_address(email: str) -> str:
    """The digest of whom a proxy vouches for, and of whom something was given to by his address."""
    return digest(PROXY, email.strip().casefold())


def by_subject(issuer: str, subject: str) -> str:
    """The digest of a person of an identity provider."""
    return digest(OIDC, issuer, subject)


def person(claims: Mapping) -> Person | None:
    """Whom these claims (of the proxy, or of the identity provider) speak of; None where they let nobody in.

    An address the provider has not verified is no address. A person of a provider is known by issuer and subject, which
    nobody can choose; one of a proxy by the address it vouches for.
    """
    if _rules.kind not in (PROXY, OIDC):
        return Person()
    email, address = str(claims.get("email") or "").strip(), ""
    if _rules.kind == OIDC:
        subject = str(claims.get("sub") or "")
        # Where a list decides by address, silence about who owns the address is not enough: anybody could bear it.
        silent = not {*_rules.people, *_rules.editors} - {"*"}
        email = email if claims.get("email_verified", silent) in (True, "true") else ""
        address = by_address(email) if email and "email_verified" in claims else ""
        if not claims.get("is_logged_in") or not subject:
            return None
        own = by_subject(str(claims.get("iss") or ""), subject)
    else:
        own = by_address(email)
    if not listed(email, _rules.people) or (_rules.kind == PROXY and not email):
        return None
    return Person(own, email or own[:8], EDITOR if listed(email, _rules.editors) else VIEWER, address)


def who() -> Person:
    """Who looks at this page; nobody, who may nothing, where the gate would not have let him in."""
    if _rules.kind not in (PROXY, OIDC):
        return Person()
    if get_script_run_ctx(suppress_warning=True) is None:
        return NOBODY
    return person(st.user.to_dict()) or NOBODY


def admitted() -> bool:
    """Whether whoever looks may see a page at all."""
    return who() != NOBODY


def signed_in() -> str:
    """The name of whoever signed in; "" where nobody has to."""
    return who().name


def edits() -> bool:
    """Whether whoever looks may load, save and share."""
    return who().role == EDITOR


def must_edit() -> None:
    """Problem for a viewer."""
    if not edits():
        raise Problem(LOOK_ONLY)


def tells_apart() -> bool:
    """Whether this server tells people apart."""
    return _rules.kind in (PROXY, OIDC)


def sees(data: str) -> bool:
    """Whether a data set is here for whoever looks: a sample, his own, or shared."""
    if data in SAMPLES:
        return True
    if not cache.store().has(data):
        return False
    if not tells_apart():
        return True
    folder = cache.store().folder(data)
    return admitted() and (ownership.shared(folder) or _his(folder))


def _his(folder: Path) -> bool:
    """Whether a data set is his who looks. What was given to his address becomes his own the first time he does: should
    somebody else have that address one day, it stays with him.
    """
    owners, me = ownership.owners(folder), who()
    if not me.address or me.address not in owners:
        return me.id in owners
    with suppress(OSError):  # a folder that can only be read: the next time
        ownership.give(folder, me.id)
        ownership.take(folder, me.address)
    return True


def owns(data: str) -> bool:
    """Whether it is his to share, to delete, and to say how long it stays."""
    if data in SAMPLES or not cache.store().has(data):
        return False
    return not tells_apart() or (edits() and _his(cache.store().folder(data)))


def counts_again(data: str) -> bool:
    """Whether he may keep another count of it: of his own, a sample, or data that are nobody's and so nobody's to delete."""
    return edits() and (data in SAMPLES or owns(data) or (sees(data) and not _owners(data)))


def must_count_again(data: str) -> None:
    """Problem where another count of these data is not his to keep."""
    must_edit()
    if not counts_again(data):
        raise Problem(NOT_COUNTED)


def _owners(data: str) -> frozenset[str]:
    return ownership.owners(cache.store().folder(data))


def shared(data: str) -> bool:
    """Whether everybody on this server may open it."""
    return data in SAMPLES or not tells_apart() or ownership.shared(cache.store().folder(data))


def share(data: str, on: bool) -> None:
    """Let everybody on this server open it, or its owners only; a Problem where it is not his."""
    if not owns(data):
        raise Problem(NOT_YOURS)
    ownership.share(cache.store().folder(data), on)


def give_up(data: str) -> bool:
    """It is no longer his; returns whether it is now nobody's, and so to be deleted."""
    if not owns(data):
        raise Problem(NOT_YOURS)
    return not (tells_apart() and ownership.take(cache.store().folder(data), who().id))


def reads(entry) -> bool:
    """Whether a saved scenario is here for whoever looks: he saved it, or its data are here for him.

    Data that belong to several, from before each had a data set of his own, are not enough: what one of them saved on them
    is not the other's to read or to share.
    """
    return not tells_apart() or _wrote(entry) or (sees(entry.data_set) and not _of_several(entry.data_set))


def _of_several(data: str) -> bool:
    return data not in SAMPLES and len(_owners(data)) > 1


def _wrote(entry) -> bool:
    """Whether he is its author: the same person; of what was saved before persons were kept with it, the same address,
    where a proxy or a provider vouches that it is his.
    """
    me, own = who(), entry.author_id or by_address(entry.author)
    return own in (me.id, me.address)
