"""Whose the data sets on this server are: for whoever runs it, after a gate that knows people was put in front.

    python -m scripts.owners                               lists those that belong to nobody
    python -m scripts.owners --share ID ... | --all        lets everybody on this server open them
    python -m scripts.owners --give ana@firm.com ID ... | --all    makes them hers (a proxy's people; see below)

Data sets from before there were owners, or from a server that told nobody apart, belong to nobody, and behind such a
gate nobody can open them until one of these is said. Who signs in by OpenID Connect is known by issuer and subject, not
by address: share the data with everybody, or have their owner load the file again, as a data set of his own.
"""

import argparse
import sys

from cs_models import ownership
from cs_models.problems import Problem
from cs_models.store import Store
from pages.shared.who import PROXY, digest


def nobodys(store: Store) -> list[str]:
    """Ids of the data sets that are neither anybody's nor shared."""
    folders = ((one, store.folder(one)) for one in store.ids() if store.has(one))
    return [one for one, folder in folders if not ownership.owners(folder) and not ownership.shared(folder)]


def main(arguments: list[str] | None = None, store: Store | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--share", action="store_true", help="let everybody on this server open them")
    what.add_argument("--give", metavar="ADDRESS", help="make them this person's")
    parser.add_argument("--all", action="store_true", help="all that belong to nobody")
    parser.add_argument("ids", nargs="*", metavar="ID")
    asked = parser.parse_args(arguments)
    store = store or Store()
    try:
        for one in nobodys(store) if asked.all or not (asked.share or asked.give) else asked.ids:
            if asked.share:
                ownership.share(store.folder(one), True)
            elif asked.give:
                ownership.give(store.folder(one), digest(PROXY, asked.give.strip().casefold()))
            print(one)
    except Problem as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
