"""``catheterview ladder``."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from catheterview.cli.options import FILE, as_json

if TYPE_CHECKING:
    from catheterview.model import Decision


@click.command("ladder")
@click.argument("facts", type=FILE, metavar="FACTS")
@as_json
def ladder_command(*, facts: Path, as_json: bool) -> None:
    """Ask the decision ladder alone, without images.

    FACTS is a JSON or YAML file of the schema catheterview/facts/1; anything left out is unknown. Says where the case
    stands, what to do next, how soon, and which missing facts would decide.
    """
    from catheterview.ladder import Reading, decide, load_facts  # noqa: PLC0415 - --help needs no ladder

    decision = decide(load_facts(facts), reading=Reading())
    click.echo(json.dumps(asdict(decision)) if as_json else _as_text(decision))


def _as_text(decision: Decision) -> str:
    lines = [f"{decision.step}: {decision.action} ({decision.urgency})"]
    lines += [f"  at the same time: {node}" for node in decision.also]
    lines += [f"  would decide: {name}" for name in decision.ask]
    lines += [f"  {step.node}: {step.answer}; {step.why} [{step.source}]" for step in decision.trail]
    return "\n".join(lines)
