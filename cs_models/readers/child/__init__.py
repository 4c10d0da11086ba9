"""Programs of their own that open containers and workbooks: run with little memory and time, never imported.

`__main__.py` is started as `python -I <this folder>`; it knows nothing of the rest of the package. It takes
one JSON request on standard input, leaves an Arrow IPC file (or unpacked bytes) in the folder it was given,
and answers with one JSON line.
"""
