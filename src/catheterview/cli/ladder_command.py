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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Options:
    facts: Path | None
    interview: bool
    what_if: tuple[str, ...]
    policy: tuple[str, ...]
    page: Path | None
    save: Path | None
    explain: bool
    as_json: bool


_OUTPUT = click.Path(dir_okay=False, path_type=Path)


@click.command("ladder")
@click.argument("facts", type=FILE, required=False)
@click.option("--interview", is_flag=True, help="Ask for the missing facts, the most useful first.")
@click.option("--what-if", multiple=True, metavar="NAME=VALUE", help="What would this fact change? May be repeated.")
@click.option("--policy", multiple=True, metavar="NAME=VALUE", help="Choose where the review leaves a choice.")
@click.option("--page", type=_OUTPUT, help="Also write the answer as a page.")
@click.option("--save", type=_OUTPUT, help="Also write the facts, with what was answered.")
@click.option("--explain", is_flag=True, help="With --json, add the gate, the arithmetic and the policies.")
@as_json
@gathered(_Options)
def ladder_command(options: _Options) -> None:
    """Ask the decision ladder alone, without images.

    FACTS is a JSON or YAML file of the schema catheterview/facts/1; anything left out is unknown. Says where the case
    stands, what to do next, how soon, and which missing facts would decide. With --interview FACTS may be left out.
    """
    from catheterview import ladder  # noqa: PLC0415 - --help needs no ladder

    if options.facts is None and not options.interview:
        raise click.UsageError("give a file of facts, or --interview")
    policies = ladder.policies_from(options.policy)
    facts = ladder.load_facts(options.facts) if options.facts else ladder.Facts()
    if options.interview:
        facts = ladder.interview(facts, _ask, policies=policies)
    if options.save:
        ladder.write_facts(facts, options.save)
    if options.what_if:
        _compare(facts, policies, options)
    else:
        _answer(facts, policies, options)


def _answer(facts: Facts, policies: Policies, options: _Options) -> None:
    from catheterview import ladder  # noqa: PLC0415 - --help needs no ladder

    answer = ladder.explain(facts, policies=policies)
    if options.page:
        ladder.write_page(answer, options.page)
    plain = ladder.answer_to_plain(answer) if options.explain else ladder.decision_to_plain(answer.decision)
    click.echo(json.dumps(plain) if options.as_json else ladder.as_text(answer))


def _compare(facts: Facts, policies: Policies, options: _Options) -> None:
    from catheterview import ladder  # noqa: PLC0415 - --help needs no ladder

    result = ladder.what_if(facts, ladder.changes_from(options.what_if), policies=policies)
    click.echo(json.dumps(ladder.what_if_to_plain(result)) if options.as_json else ladder.what_if_as_text(result))


def _ask(question: Question) -> str | None:
    """Ask a person on the terminal; the questions go to standard error, so that the answer stays readable."""
    from catheterview.ladder import asked_as_text  # noqa: PLC0415 - --help needs no ladder

    click.echo(asked_as_text(question), err=True)
    try:
        reply = str(click.prompt(">", default="", show_default=False, err=True))
    except click.Abort:
        return None
    return None if reply.strip().lower() == "q" else reply
