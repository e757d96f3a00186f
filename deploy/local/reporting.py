"""What the commands say: one line for each step, tables, and a bar where there is a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.measure import Measurement
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text


class Reporter:
    """Speaks to the person at the terminal.

    Args:
        quiet_stdout: True where standard output must hold nothing but a JSON object.
    """

    def __init__(self, *, quiet_stdout: bool = False) -> None:
        self.console = Console(stderr=quiet_stdout, highlight=False, soft_wrap=True)
        self._begun = time.monotonic()

    def say(self, text: str) -> None:
        """Prints one line with the seconds since the command began."""
        seconds = f"[dim]{time.monotonic() - self._begun:5.1f} s[/]"
        self.console.print(f"{seconds}  {escape(text)}", markup=True)

    def print(self, text: str = "") -> None:
        """Prints a line as it is."""
        self.console.print(text, markup=False)

    def table(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Prints a table; a column whose heading ends with `>` is aligned to the right.

        It is as wide as its cells: a terminal wraps a long line better than we would cut it.
        """
        table = Table(title=title or None, title_justify="left")
        for column in columns:
            right = column.endswith(">")
            table.add_column(column.rstrip(">"), justify="right" if right else "left", no_wrap=True)
        for row in rows:
            # Not as markup: a mail's subject may hold brackets.
            table.add_row(*map(Text, row))
        wide = self.console.options.update(max_width=10_000)
        table.width = Measurement.get(self.console, wide, table).maximum
        self.console.print(table, crop=False)

    @contextmanager
    def progress(self, text: str, total: int) -> Iterator[Callable[[int], None]]:
        """Shows how far something is; yields a function that takes how much is done by now.

        On a terminal a bar; elsewhere a line at each quarter.
        """
        if self.console.is_terminal:
            columns = (
                TextColumn("         {task.description}"),
                BarColumn(bar_width=32),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
            )
            with Progress(*columns, console=self.console) as bar:
                task = bar.add_task(text, total=total)
                yield lambda done: bar.update(task, completed=min(done, total))
            return
        last = 0

        def line(done: int) -> None:
            nonlocal last
            quarter = 4 * min(done, total) // max(total, 1)
            if quarter > last:
                last = quarter
                self.say(f"{text}: {min(done, total):,} of {total:,}")

        yield line


def fail(text: str) -> None:
    """Ends the command with one clear line."""
    print(f"flsdb: {text}", file=sys.stderr)
    raise SystemExit(1)
