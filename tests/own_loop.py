"""Run a coroutine to its end in a thread of its own: a browser's tests leave a running loop in theirs."""

import asyncio
from concurrent.futures import ThreadPoolExecutor


def run(coroutine):
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()
