"""A property that is worked out once and kept, as functools.cached_property from Python 3.12 on: without its lock.

Up to Python 3.11 that holds one lock for all objects of a class: a visitor whose plan takes a second would hold up every
other visitor's. Here two threads that ask the same object at the same moment both work, and get the same object.
"""

from collections.abc import Callable


class kept:  # noqa: N801 - used as a decorator, like property
    """
    >>> class Book:
    ...     @kept
    ...     def months(self):
    ...         return ["Jan", "Feb"]
    >>> book = Book()
    >>> book.months is book.months, book.months
    (True, ['Jan', 'Feb'])
    """

    def __init__(self, make: Callable) -> None:
        self.make, self.__doc__ = make, make.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, one: object, owner: type | None = None) -> object:
        if one is None:
            return self
        return one.__dict__.setdefault(self.name, self.make(one))
