"""Work of more than two seconds, made piece by piece; what was made is kept, whoever asked for it."""

from time import monotonic


class Steps:
    """Runs of a plan, each made once for everybody on this server, in whatever pieces."""

    def __init__(self, runs):
        self.runs, self.seconds = runs, 0.0
        self._found: dict[int, float] = {}
        self._answer: list = []

    @property
    def made(self) -> int:
        return len(self._found)

    @property
    def done(self) -> bool:
        return self.made >= self.runs.count

    def go_on(self, seconds: float = float("inf")) -> None:
        """Runs for about so many seconds. Two visitors may make the same run; it gives the same number."""
        began = monotonic()
        while not self.done and monotonic() - began < seconds:
            number = self.made
            self._found[number] = self.runs.at(number)
        self.seconds += monotonic() - began

    def answer(self):
        """The answer, with whatever runs are missing made first."""
        self.go_on()
        if not self._answer:
            self._answer.append(self.runs.all_of([self._found[i] for i in range(self.runs.count)]))
        return self._answer[0]
