"""The command line: one file per command.

The files here import only click; each command imports the rooms that it needs when it runs, so that ``--help`` of any
command answers at once.
"""

from __future__ import annotations

import click

from catheterview import __version__
from catheterview.cli.deidentify_command import deidentify_command
from catheterview.cli.doctor_command import doctor_command
from catheterview.cli.fetch_command import fetch_command
from catheterview.cli.ladder_command import ladder_command
from catheterview.cli.module_command import module_command
from catheterview.cli.phantom_command import phantom_command
from catheterview.cli.review_command import review_command
from catheterview.cli.score_command import score_command
from catheterview.cli.send_command import send_command
from catheterview.cli.serve_command import serve_command
from catheterview.cli.triage_command import triage_command
from catheterview.cli.worklist_command import worklist_command
from catheterview.errors import CatheterviewError, InputError

__all__ = ["COMMANDS", "main"]

COMMANDS: tuple[click.Command, ...] = (
    triage_command,
    worklist_command,
    review_command,
    ladder_command,
    phantom_command,
    score_command,
    serve_command,
    fetch_command,
    module_command,
    send_command,
    deidentify_command,
    doctor_command,
)


class _Incomplete(click.ClickException):
    """What was asked for could not be done though it was asked rightly: exit status 1."""

    exit_code = 1


class _Misused(click.ClickException):
    """What was asked for makes no sense: exit status 2."""

    exit_code = 2


class _House(click.Group):
    """The group of all commands, in the order of use, with errors as one line and an exit status."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Names in the order in which a reader meets them, not by the alphabet."""
        return [command.name for command in COMMANDS if command.name]

    def invoke(self, ctx: click.Context) -> object:
        """Run a command; what catheterview raises on purpose is told without a traceback."""
        try:
            return super().invoke(ctx)
        except InputError as error:
            raise _Misused(str(error)) from error
        except CatheterviewError as error:
            raise _Incomplete(str(error)) from error


@click.group(cls=_House, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="catheterview")
def main() -> None:
    """Read the imaging of implanted intrathecal drug pumps.

    Traces the catheter, finds what is wrong with it, and says what the imaging ladder asks for next. Research use
    only; not a medical device.

    Exit status: 0 when all was done; 1 when a case is incomplete or a problem was recorded (the rest is done); 2 when
    the command was misused.
    """


for _command in COMMANDS:
    main.add_command(_command)
