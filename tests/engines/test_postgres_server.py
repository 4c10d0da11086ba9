"""The server the tests start is a PostgreSQL that answers."""

import psycopg
import pytest

pytestmark = pytest.mark.engines


def test_the_server_of_the_tests_is_a_postgres_and_counts(postgres_url):
    with psycopg.connect(postgres_url) as connection:
        version, total = connection.execute("SELECT version(), SUM(n) FROM (VALUES (1), (2)) AS t (n)").fetchone()
    assert version.startswith("PostgreSQL") and total == 3
