"""Which of the remaining columns people can be grouped by."""

import re

import pyarrow as pa

from cs_models.importers.columns import BLANK, Column, matches, shorten
from cs_models.importers.common import tell_directions
from cs_models.importers.ledger import Ledger
from cs_models.subscriptions import normalised

MOST_LEVELS = 50
FEW = 10
PERSONAL = re.compile(
    r"(e?mail|(e?mail|ip|street|postal|billing|shipping|home)address|^address\d?|street|phone|phonenumber|mobile)$"
    r"|^(full|first|last|middle|sur|given|user|customer|client|company|account|contact|billing|shipping)?name$"
    r"|iban|creditcard|cardnumber|password|dateofbirth|birthdate|birthday|^ssn$"
)
# columns that repeat whether somebody left say nothing about why
OUTCOME = re.compile(
    r"^(is|has)?(churn|churned|cancelled|canceled|exited|attrition)(label|value|flag|status|score|indicator)?$"
    r"|^(subscription|customer|account)?status$"
)
# what reaches a person, whatever its header: an e-mail, a phone number with its +, an IBAN, the number of a card
REACHES = (
    r"^[^@\s]+@[^@\s]+\.[^@\s]+$|^\+\d[\d ().\-/]{6,}$|^\(\d{2,5}\)[\d .\-/]{5,}$"
    r"|^[a-z]{2}\d{2}( ?[a-z0-9]{4}){2,7} ?[a-z0-9]{0,4}$|^(\d{4}[ \-]){3}\d{4}$"
)
IDENTIFIER = re.compile(r"(uuid|guid)$|^id$")


def segment_columns(columns: list[Column], ledger: Ledger) -> tuple[list[pa.DictionaryArray], list[str]]:
    """Arrays and headers of the columns with at most 50 different entries; ids, e-mails and names never.

    The others are named in a finding, so nobody wonders where they went.
    """
    arrays, headers, left_out = [], [], []
    for column in columns:
        if not column.header.startswith("column ") or not column.blank.all():
            if _groups(column):
                tell_directions(column, ledger)
                arrays.append(column.text(BLANK))
                headers.append(column.header)
            else:
                left_out.append(shorten(column.header))
    if left_out:
        names = ", ".join(left_out[:10]) + (" and more" if len(left_out) > 10 else "")
        reason = (
            f"they hold ids, personal data, the outcome itself or more than {MOST_LEVELS} different entries"
        )
        ledger.note("not_segments", f"Columns not offered for grouping: {names}; {reason}.", len(left_out))
    return arrays, headers


def _groups(column: Column) -> bool:
    levels, rows = len(column.values), len(column.codes)
    header = normalised(column.header)
    if any(kind.search(header) for kind in (PERSONAL, IDENTIFIER, OUTCOME)) or _ends_in_id(column.header):
        return False
    if levels > MOST_LEVELS or (levels > FEW and levels * 2 > rows):
        return False
    return not matches(column.values, REACHES).any()


def _ends_in_id(header: str) -> bool:
    return bool(re.search(r"(?i)(^|[\s_\-.])ids?$|[a-z]I[Dd]$", header.strip()))
