"""The one thing of a saved scenario that is ever changed: the name of data that somebody deleted."""

from sqlalchemy import Engine, update

from cs_models.shelf.engines import writing
from cs_models.shelf.tables import SCENARIOS


def forget_name(engine: Engine, data_set: str) -> None:
    """Take the name of a data set from every scenario that was saved on it; what was said of it stays."""
    with writing(engine) as connection:
        of_it = SCENARIOS.c.data_set == data_set
        connection.execute(update(SCENARIOS).where(of_it, SCENARIOS.c.data_name != "").values(data_name=""))
