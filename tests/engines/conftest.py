"""Real databases for these tests: a PostgreSQL server of their own, started from the installed package and removed
with its data at the end.
"""

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest

SERVER = "postgres"  # the system's user for it: the server refuses to run as root


def _programs() -> Path:
    """Where initdb and pg_ctl lie: the newest installed version."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    if found:
        return found[-1].parent
    plain = shutil.which("initdb")
    return Path(plain).parent if plain else pytest.fail("No PostgreSQL server is installed: run scripts/engines.sh.")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _run(*command: str) -> None:
    as_root = os.geteuid() == 0
    # Not every PATH has the system's own folders.
    runuser = shutil.which("runuser", path=os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin")))
    done = subprocess.run(
        [str(runuser), "-u", SERVER, "--", *command] if as_root else command,
        capture_output=True, text=True, cwd="/", timeout=120,
    )  # fmt: skip
    if done.returncode:
        pytest.fail(f"{Path(command[0]).name} failed: {(done.stdout + done.stderr)[-2000:]}")


@pytest.fixture(scope="session")
def postgres_url():
    """The address of a PostgreSQL server that lives as long as the tests, postgresql://postgres@127.0.0.1:<port>/...

    Only this machine reaches it. For SQLAlchemy write postgresql+psycopg:// in front. Whoever needs tables of his own
    creates a database or a schema.
    """
    programs, folder = _programs(), Path(tempfile.mkdtemp(prefix="postgres-"))
    if os.geteuid() == 0:
        shutil.chown(folder, SERVER)
    data, port = folder / "data", _free_port()
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
    try:
        _run(f"{programs}/initdb", "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
        _run(f"{programs}/pg_ctl", "-D", str(data), "-w", "-t", "60", "-l", f"{folder}/log", "-o", options, "start")
        yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
        _run(f"{programs}/pg_ctl", "-D", str(data), "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def spark():
    """A Spark of two threads in this process's own Java, small as the books of tests are."""
    from pyspark.sql import SparkSession

    settings = {
        "spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false", "spark.log.level": "ERROR",
        "spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1", "spark.sql.shuffle.partitions": "1",
        # compiling a query takes longer than a small book
        "spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        # and so does compiling Spark itself to the last
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC", "spark.sql.adaptive.enabled": "false",
    }  # fmt: skip
    builder = SparkSession.builder.master("local[2]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    yield session
    session.stop()
