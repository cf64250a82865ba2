"""Options of a command as one frozen value, instead of as many parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import click

Options = TypeVar("Options")

#: An existing file or folder, as a `Path`.
EXISTING = click.Path(exists=True, path_type=Path)
#: An existing folder, as a `Path`.
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
#: A folder that is made when it is not there.
NEW_FOLDER = click.Path(file_okay=False, path_type=Path)
#: An existing file, as a `Path`.
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
#: A file that is written.
NEW_FILE = click.Path(dir_okay=False, path_type=Path)

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON on standard output and nothing else.")


def gathered(kind: Callable[..., Options]) -> Callable[[Callable[[Options], None]], Callable[..., None]]:
    """Hand all options and arguments of a command to its function as one value of type `kind`.

    Parameters
    ----------
    kind : frozen dataclass
        Its fields have the names of the command's parameters.
    """

    def decorate(run: Callable[[Options], None]) -> Callable[..., None]:
        def gather(**values: object) -> None:
            run(kind(**values))

        gather.__doc__ = run.__doc__
        return gather

    return decorate


def leave(*, complete: bool) -> None:
    """End the command with exit status 0, or 1 when something is incomplete."""
    click.get_current_context().exit(0 if complete else 1)


@contextmanager
def needing(extra: str) -> Iterator[None]:
    """Say which extra to install when an import in the block fails."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise click.ClickException(f"{error.name} is not installed: pip install 'catheterview[{extra}]'") from error
