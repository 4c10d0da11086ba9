"""Whose the data sets on this server are: for whoever runs it, after a gate that knows people was put in front.

    python -m scripts.owners                                       lists those that belong to nobody
    python -m scripts.owners --share ID ... | --all                lets everybody on this server open them
    python -m scripts.owners --give ana@firm.com ID ... | --all    makes them hers, by the address she signs in with
    python -m scripts.owners --give SUBJECT --issuer https://id.firm.com ID ... | --all    the same by OpenID Connect's own
                                                                   name of her, the claim "sub"

Data sets from before there were owners, or from a server that told nobody apart, belong to nobody, and behind such a
gate nobody can open them until one of these is said. An address counts where the provider says that it has verified it
(the claim "email_verified"); from the first time she opens the data they are hers by issuer and subject.
"""

import argparse
import sys
from collections.abc import Iterator

from cs_models import ownership
from cs_models.store import Store
from pages.shared.who import by_address, by_subject
from scripts import command


def nobodys(store: Store) -> list[str]:
    """Ids of the data sets that are neither anybody's nor shared."""
    folders = ((one, store.folder(one)) for one in store.ids() if store.has(one))
    return [one for one, folder in folders if not ownership.owners(folder) and not ownership.shared(folder)]


def main(arguments: list[str] | None = None, store: Store | None = None) -> int:
    parser = command.parser(__doc__)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--share", action="store_true", help="let everybody on this server open them")
    what.add_argument("--give", metavar="WHO", help="make them this person's: an address, or with --issuer a subject")
    parser.add_argument("--issuer", metavar="URL", default="", help="whose subject it is: the provider, as in the claim iss")
    parser.add_argument("--all", action="store_true", help="all that belong to nobody")
    parser.add_argument("ids", nargs="*", metavar="ID")
    asked = parser.parse_args(arguments)
    return command.told(lambda: _do(asked, store or Store()))


def _do(asked: argparse.Namespace, store: Store) -> Iterator[str]:
    """Each data set that was listed, shared or given."""
    for one in nobodys(store) if asked.all or not (asked.share or asked.give) else asked.ids:
        if asked.share:
            ownership.share(store.folder(one), True)
        elif asked.give:
            own = by_subject(asked.issuer, asked.give.strip()) if asked.issuer else by_address(asked.give)
            ownership.give(store.folder(one), own)
        yield one


if __name__ == "__main__":
    sys.exit(main())
