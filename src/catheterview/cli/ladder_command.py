"""``catheterview ladder``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from catheterview.cli.options import FILE, as_json, gathered

if TYPE_CHECKING:
    from catheterview.ladder import Facts, Policies, Question

_END = "q"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Options:
    facts: Path | None
    as_json: bool
    explain: bool
    html: Path | None
    ask: bool
    save: Path | None
    what_if: tuple[str, ...]
    policy: tuple[str, ...]


@click.command("ladder")
@click.argument("facts", type=FILE, metavar="FACTS", required=False)
@as_json
@click.option("--explain", is_flag=True, help="With --json, add the gate, the arithmetic and the policies.")
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Write the answer as a page, too.")
@click.option("--ask", is_flag=True, help="Ask for what is missing, only what matters next.")
@click.option(
    "--save", type=click.Path(dir_okay=False, path_type=Path), help="Write the facts, with the answers given."
)
@click.option("--what-if", multiple=True, metavar="NAME=VALUE", help="Say what a change of this fact would change.")
@click.option("--policy", multiple=True, metavar="NAME=OPTION", help="Choose where the review leaves a choice.")
@gathered(_Options)
def ladder_command(options: _Options) -> None:
    """Ask the decision ladder alone, without images.

    FACTS is a JSON or YAML file of the schema catheterview/facts/1; anything left out is unknown. Says where the case
    stands, what to do next, how soon, and which missing facts would decide. With --ask, FACTS may be left out.
    """
    from catheterview.ladder import Facts, load_facts, policies_from, write_facts  # noqa: PLC0415 - not for --help

    if options.facts is None and not options.ask:
        raise click.UsageError("give FACTS, or --ask to be asked for them")
    policies = policies_from(options.policy)
    facts = load_facts(options.facts) if options.facts else Facts()
    facts = _asked(facts, policies) if options.ask else facts
    if options.save:
        write_facts(facts, options.save)
    click.echo(_changed(facts, policies, options) if options.what_if else _answered(facts, policies, options))


def _asked(facts: Facts, policies: Policies) -> Facts:
    """Ask on the terminal, one fact at a time; what is asked goes to standard error."""
    from catheterview.ladder import asked_as_text, interview  # noqa: PLC0415 - --help needs no ladder

    def ask(question: Question) -> str | None:
        reply: str = click.prompt(asked_as_text(question), default="", show_default=False, err=True)
        return None if reply.strip() == _END else reply

    return interview(facts, ask, policies=policies)


def _answered(facts: Facts, policies: Policies, options: _Options) -> str:
    """The answer as it was asked for; the page is written on the way."""
    from catheterview.ladder import (  # noqa: PLC0415 - --help needs no ladder
        answer_to_plain,
        as_text,
        decision_to_plain,
        explain,
        write_page,
    )

    answer = explain(facts, policies=policies)
    if options.html:
        write_page(answer, options.html)
    if not options.as_json:
        return as_text(answer)
    return json.dumps(answer_to_plain(answer) if options.explain else decision_to_plain(answer.decision))


def _changed(facts: Facts, policies: Policies, options: _Options) -> str:
    """What the changes of --what-if change."""
    from catheterview.ladder import (  # noqa: PLC0415 - --help needs no ladder
        changes_from,
        what_if,
        what_if_as_text,
        what_if_to_plain,
    )

    result = what_if(facts, changes_from(options.what_if), policies=policies)
    return json.dumps(what_if_to_plain(result)) if options.as_json else what_if_as_text(result)
