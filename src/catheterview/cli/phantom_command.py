"""``catheterview phantom``."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from catheterview.cli.options import FILE, NEW_FOLDER, as_json, gathered, leave
from catheterview.cli.progress import progress

if TYPE_CHECKING:
    from catheterview.model import Image
    from catheterview.phantom.cohort import Study
    from catheterview.read import Inventory

#: What `catheterview.phantom.cohort.MODALITIES` offers, by heart: --help loads no phantom. A test compares them.
MODALITIES = ("RADIOGRAPH", "FLUOROSCOPY", "CT", "CAP-CT", "LP-CT", "SPECT-CT", "PLANAR")
FAULTS = (
    "healthy",
    "discontinuity",
    "kink",
    "no_device",
    "extravasation",
    "connector_leak",
    "pocket_pooling",
    "retrograde_tracking",
    "tip_loculation",
    "inadequate_pooling",
    "flow_obstruction",
    "subdural_pattern",
    "epidural_pattern",
    "tip_malposition",
    "migration",
    "ectasia",
    "seroma",
    "filling_defect",
    "pump_flip",
    "pump_rotation",
    "pump_migration",
    "rotor_not_turning",
    "tracer_posterior_to_pump",
    "tracer_confined_to_reservoir",
    "tracer_interruption",
    "tracer_pooling",
    "tracer_not_arrived",
    "tracer_csf_block",
    "spilt",
    "into_pocket",
    "no_contrast",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Options:
    out: Path
    fault: str
    modality: str
    seed: int
    into: Path | None
    small: bool
    traps: bool
    dials: tuple[str, ...]
    views: tuple[str, ...]
    prior: bool
    writes: tuple[str, ...]
    recipe: Path | None
    jobs: int
    as_json: bool


@click.command("phantom")
@click.argument("out", type=NEW_FOLDER)
@click.option(
    "--fault", type=click.Choice(FAULTS), default="healthy", show_default=True, help="What is wrong with the device."
)
@click.option("--modality", type=click.Choice(MODALITIES, case_sensitive=False), default="CT", show_default=True)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="The same seed, the same bytes.")
@click.option(
    "--into", type=click.Path(exists=True, path_type=Path), help="Put the device into this CT instead of a phantom."
)
@click.option("--small", is_flag=True, help="Slices of 1.5 mm, pixels of 1.1 mm: made and read quickly.")
@click.option("--traps", is_flag=True, help="Add what looks wrong and is not: other hardware, spilt contrast.")
@click.option(
    "--dial", "dials", multiple=True, metavar="NAME=VALUE", help="Set a dial instead of drawing it: leak_ml=0.3."
)
@click.option(
    "--view",
    "views",
    multiple=True,
    metavar="VIEW",
    help="Of radiographs: AP, PA, LATERAL, or turned by degrees, AP@30; repeat for more.",
)
@click.option(
    "--prior", is_flag=True, help="Add an earlier study of the same patient, healthy, in OUT/prior: radiographs and CT."
)
@click.option(
    "--write", "writes", multiple=True, metavar="NAME=VALUE", help="How a CT is written: position=FFS, shuffled=true."
)
@click.option("--recipe", type=FILE, help="Make a whole cohort from this recipe file (YAML or JSON); resumable.")
@click.option("--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Processes for a cohort.")
@as_json
@gathered(_Options)
def phantom_command(options: _Options) -> None:
    """Write a simulated study with known truth into OUT, or with --recipe a cohort of them.

    OUT gets the DICOM files and truth.json, which catheterview score reads; for a cohort, one folder each, and
    cohort.json. Simulated: never to be taken for a patient's.
    """
    if options.recipe:
        _cohort(options, options.recipe)
    elif options.into:
        _into(options, options.into)
    else:
        _one(options)


def _study(options: _Options) -> Study:
    """The study that the options name."""
    from catheterview.phantom.cohort import Study  # noqa: PLC0415 - --help needs no phantom

    return Study(
        modality=options.modality,
        fault=options.fault,
        seed=options.seed,
        size="small" if options.small else "full",
        traps=options.traps,
        dials=_dials(options.dials, "--dial"),
        views=options.views,
        prior=options.prior,
        writing=_dials(options.writes, "--write"),
    )


def _dials(given: tuple[str, ...], option: str) -> dict[str, object]:
    """Read NAME=VALUE; a value is JSON, or else a text."""
    out: dict[str, object] = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals:
            raise click.UsageError(f"{option} {one!r}: NAME=VALUE is meant")
        try:
            out[name] = json.loads(value)
        except ValueError:
            out[name] = value
    return out


def _one(options: _Options) -> None:
    """Simulate one study."""
    from catheterview.phantom.cohort import write_study  # noqa: PLC0415 - --help needs no phantom

    write_study(_study(options), options.out)
    _tell_one(options, files=len(list(options.out.rglob("*.dcm"))))


def _tell_one(options: _Options, *, files: int) -> None:
    """Say what was written."""
    told = {"out": str(options.out), "fault": options.fault, "seed": options.seed, "slices": files}
    what = "slices" if options.modality in ("CT", "CAP-CT", "LP-CT") else "files"
    said = f"{files} {what} and truth.json in {options.out} ({options.fault}, seed {options.seed})"
    click.echo(json.dumps(told) if options.as_json else said)


def _into(options: _Options, path: Path) -> None:
    """Put a device into a given CT."""
    from catheterview.anatomy import find_anatomy  # noqa: PLC0415 - only with --into
    from catheterview.limits import Limits  # noqa: PLC0415 - as above
    from catheterview.phantom.cohort import recipe_of, write_pair  # noqa: PLC0415 - --help needs no phantom

    if options.small:
        raise click.UsageError("--small has no meaning with --into: the size is that of the CT")
    if options.modality not in ("CT", "CAP-CT", "LP-CT"):
        raise click.UsageError("--into puts a device into a CT; other modalities have a patient of their own")
    image = _ct_of(path)
    recipe = replace(recipe_of(_study(options)), background="given")
    anatomy = find_anatomy(image, Limits().anatomy)
    phantom = write_pair(_study(options), recipe, options.out, into=image, anatomy=anatomy)
    _tell_one(options, files=len(phantom.image.voxels))


def _ct_of(path: Path) -> Image:
    """The CT of a folder that is walked first; refused with what is there instead."""
    from catheterview.errors import InputError  # noqa: PLC0415 - only with --into
    from catheterview.read import load, scan  # noqa: PLC0415 - as above
    from catheterview.triage import best_ct  # noqa: PLC0415 - as above

    inventory = scan([path], key=b"no name leaves this function")
    chosen = [one for case in inventory.cases for study in case.studies if (one := best_ct(study)) is not None]
    if not chosen:
        raise InputError(f"no CT volume here to put a device into: {_instead(inventory)}", where=path.name)
    return load(chosen[0])


def _instead(inventory: Inventory) -> str:
    """What a folder without a CT volume holds."""
    series = [one for case in inventory.cases for study in case.studies for one in study.series]
    told = sorted({f"{one.modality or 'unknown'} ({one.why or one.role})" for one in series})
    return ", ".join(told[:4]) if told else "no DICOM image"


def _cohort(options: _Options, recipe: Path) -> None:
    """Make a cohort, or go on with one."""
    from catheterview.phantom.cohort import make_cohort, read_plan  # noqa: PLC0415 - --help needs no phantom

    if options.into:
        raise click.UsageError("--recipe makes simulated patients; --into has no meaning with it")
    plan = read_plan(recipe)
    with progress("cases", quiet=options.as_json) as tell:
        made = make_cohort(plan, options.out, jobs=options.jobs, tell=tell)
    told = {"out": str(options.out), "made": made.made, "kept": made.kept, "failed": [list(one) for one in made.failed]}
    said = f"{made.made} cases made, {made.kept} were there, {len(made.failed)} failed; see {options.out}/cohort.json"
    click.echo(json.dumps(told) if options.as_json else said)
    for name, reason in made.failed:
        click.echo(f"{name}: {reason}", err=True)
    leave(complete=not made.failed)
