"""One file opened inside limits of memory and time. Request on standard input, answer on standard output."""

import json
import sys

from limits import Refused, apply


class WithoutPandas:
    """Arrow would load pandas to look for its types: half the time that a small file takes."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == "pandas":
            raise ImportError(name)


sys.meta_path.insert(0, WithoutPandas)


def main() -> None:
    """Answer {"problem": sentence} or what was found; any other end of the process means a limit was hit."""
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
    json.dump(answer, sys.stdout)


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
