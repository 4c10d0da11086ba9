"""How an export was read, remembered for the next one with the same headers: names of columns and choices.

No cell of the file is part of it, so it can be kept, mailed and checked in.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cs_models.problems import Problem

FORMAT = 1
LARGEST = 64 * 1024
LONGEST_HEADER = 300
LONGEST_CHOICE = 60
# answers that belong to one file and not to its layout, or may name a person
OF_ONE_FILE = frozenset({"as_of", "member", "live_at_end"})
LIKE_DATA = re.compile(r"@|\d{6}")
WRONG = "This is not a mapping saved here. Choose the JSON file you saved from the data page."


@dataclass(frozen=True)
class MappingMemory:
    """Layout, mapping {role: header} and answers {question: choice} for files with these headers.

    fingerprint: sha256 of the headers, whatever their order (64 hex characters).
    """

    fingerprint: str
    layout: str
    mapping: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> str:
        """A small file for next month, or for a colleague."""
        content = {
            "perennial_mapping": FORMAT,
            "fingerprint": self.fingerprint,
            "layout": self.layout,
            "mapping": dict(self.mapping),
            "answers": dict(self.answers),
        }
        return json.dumps(content, indent=1, sort_keys=True)

    @classmethod
    def from_json(cls, text: str | bytes) -> "MappingMemory":
        """The memory in a saved file; Problem (a sentence) for anything else. Nothing in it is run."""
        if len(text) > LARGEST:
            raise Problem(WRONG)
        try:
            content = json.loads(text)
            if not isinstance(content, dict) or content.get("perennial_mapping") != FORMAT:
                raise Problem(WRONG)
            found = cls(*(content[name] for name in ("fingerprint", "layout", "mapping", "answers")))
        except (ValueError, KeyError, RecursionError) as error:
            raise Problem(WRONG) from error
        if not found._sound():
            raise Problem(WRONG)
        return found

    def _sound(self) -> bool:
        def texts(given: object, longest: int) -> bool:
            return isinstance(given, dict) and all(
                isinstance(key, str) and re.fullmatch(r"[a-z][a-z0-9_]{0,40}", key)
                and isinstance(value, str) and len(value) <= longest for key, value in given.items()
            )  # fmt: skip

        return bool(
            isinstance(self.fingerprint, str) and re.fullmatch(r"[0-9a-f]{64}", self.fingerprint)
            and isinstance(self.layout, str) and re.fullmatch(r"[a-z0-9_]{1,60}", self.layout)
            and texts(self.mapping, LONGEST_HEADER) and texts(self.answers, LONGEST_CHOICE)
        )  # fmt: skip

    def fits(self, headers: Iterable[str]) -> bool:
        """Whether a file has every column the mapping takes something from."""
        return set(self.mapping.values()) <= set(headers)


def header_fingerprint(headers: Iterable[str]) -> str:
    """The key under which a layout is remembered: the headers as written, in any order.

    >>> header_fingerprint(["Start", "Customer"]) == header_fingerprint(["Customer", "Start"])
    True
    """
    named = json.dumps(sorted(header.strip() for header in headers))
    return hashlib.sha256(named.encode()).hexdigest()


def memory_of(subs, headers: Iterable[str]) -> MappingMemory | None:
    """What to remember of a file that was read; None where its "headers" look like data about people.

    `headers`: all of the file, in its order (`inspect(...).headers`). The last known day, and answers about
    one file only, are left out.
    """
    headers = list(headers)
    if any(LIKE_DATA.search(header) for header in subs.mapping.values()):
        return None
    answers = {
        name: choice for name, choice in subs.answers.items()
        if name not in OF_ONE_FILE and len(choice) <= LONGEST_CHOICE and not LIKE_DATA.search(choice)
    }  # fmt: skip
    found = MappingMemory(header_fingerprint(headers), subs.layout, dict(subs.mapping), answers)
    return found if found._sound() else None
