"""Work for a process of its own, to see what it may do and what becomes of it."""

import os
import resource
import signal

SEEN = []


def limits_in_force(given, folder, tell):
    tell(half="way")
    return [resource.getrlimit(one)[0] for one in (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_CORE)]


def left_behind(given, folder, tell):
    found = list(SEEN)
    SEEN.append(given["who"])
    return [found, os.environ["TMPDIR"] == str(folder), sorted(name for name in os.listdir("/proc/self/fd") if int(name) > 2)]


def takes_memory(given, folder, tell):
    return len(bytearray(4 << 30))


def is_wrong(given, folder, tell):
    return {}[given["who"]]


def hangs(given, folder, tell):
    signal.pause()
