"""One file opened inside limits of memory and time. Request on standard input, answer on standard output."""

import json
import sys
from errno import EFBIG, ENOMEM

from limits import Refused, apply

DAMAGED = "This file is damaged and cannot be opened. Export it again, as CSV if that is possible."


class WithoutPandas:
    """Arrow would load pandas to look for its types: half the time that a small file takes."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == "pandas":
            raise ImportError(name)


sys.meta_path.insert(0, WithoutPandas)


def main() -> None:
    """Answer {"problem": sentence} or what was found; any other end of the process is told from outside."""
    request = json.load(sys.stdin)
    apply(request["memory"], request["seconds"], request["largest"])
    try:
        answer = _run(request)
    except Refused as refusal:
        answer = {"problem": str(refusal)}
    except RecursionError:
        answer = {"problem": "The file nests values too deeply. Export it as CSV and upload that."}
    except MemoryError:
        answer = {"limit": True}
    except BaseException as error:  # a panic of the reader of workbooks is no Exception
        answer = {"limit": True} if _short_of_memory(error) else {"problem": DAMAGED}
    json.dump(answer, sys.stdout)


def _short_of_memory(error: BaseException) -> bool:
    """Whether memory is what was missing, under whatever name: the system or a library may say it too."""
    said = str(error).lower()
    words = ("cannot allocate memory", "failed to map", "out of memory", "malloc of size", "bad_alloc")
    return getattr(error, "errno", None) in (EFBIG, ENOMEM) or any(word in said for word in words)


def _run(request: dict) -> dict:
    kind = request["kind"]
    if kind == "gzip":
        from unpack import gunzip

        return gunzip(request)
    if kind == "zip":
        from unpack import is_workbook, unzip

        if not is_workbook(request):
            return unzip(request)
    if kind in ("zip", "ole"):
        from workbook import workbook

        return workbook(request)
    from records import json_records, parquet

    return parquet(request) if kind == "parquet" else json_records(request)


if __name__ == "__main__":
    main()
