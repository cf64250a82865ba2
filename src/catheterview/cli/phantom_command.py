"""``catheterview phantom``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from catheterview.cli.options import NEW_FOLDER, as_json, gathered

if TYPE_CHECKING:
    from catheterview.model import Image
    from catheterview.phantom import CtRecipe
    from catheterview.phantom.dials import Fault
    from catheterview.phantom.recipe import Background


@dataclass(frozen=True, slots=True, kw_only=True)
class _Options:
    out: Path
    fault: Fault
    modality: str
    seed: int
    into: Path | None
    small: bool
    as_json: bool


@click.command("phantom")
@click.argument("out", type=NEW_FOLDER)
@click.option(
    "--fault",
    type=click.Choice(["healthy", "discontinuity", "kink", "no_device"]),
    default="healthy",
    show_default=True,
    help="What is wrong with the device.",
)
@click.option("--modality", type=click.Choice(["CT"]), default="CT", show_default=True)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="The same seed, the same bytes.")
@click.option(
    "--into", type=click.Path(exists=True, path_type=Path), help="Put the device into this CT instead of a phantom."
)
@click.option("--small", is_flag=True, help="Slices of 1.5 mm, pixels of 1.1 mm: made and read quickly.")
@as_json
@gathered(_Options)
def phantom_command(options: _Options) -> None:
    """Write a simulated study with known truth into OUT.

    OUT gets the DICOM files and truth.json, which catheterview score reads. Simulated: never to be taken for a
    patient's.
    """
    from catheterview.phantom import make_ct, write_phantom  # noqa: PLC0415 - --help needs no phantom

    if options.small and options.into:
        raise click.UsageError("--small has no meaning with --into: the size is that of the CT")
    given = _given(options.into) if options.into else {}
    phantom = make_ct(_recipe(options), **given)  # type: ignore[arg-type]
    write_phantom(phantom, options.out)
    told = {"out": str(options.out), "fault": options.fault, "seed": options.seed, "slices": len(phantom.image.voxels)}
    said = f"{told['slices']} slices and truth.json in {options.out} ({options.fault}, seed {options.seed})"
    click.echo(json.dumps(told) if options.as_json else said)


def _recipe(options: _Options) -> CtRecipe:
    """Draw all dials from the seed."""
    from catheterview.phantom import random_recipe  # noqa: PLC0415 - --help needs no phantom

    size = _SMALL if options.small else {}
    background: Background = "given" if options.into else "synthetic"
    return random_recipe(options.seed, fault=options.fault, background=background, **size)


#: The coarsest grid on which a catheter of 1.3 mm still shows as a line.
_SMALL: dict[str, object] = {"shape": (150, 290, 305), "spacing_mm": (1.5, 1.1, 1.1), "slice_thickness_mm": 1.5}


def _given(path: Path) -> dict[str, object]:
    """Read the CT that the device goes into, and its anatomy."""
    from catheterview.anatomy import find_anatomy  # noqa: PLC0415 - only with --into
    from catheterview.limits import Limits  # noqa: PLC0415 - as above

    image = _ct_of(path)
    return {"into": image, "anatomy": find_anatomy(image, Limits().anatomy)}


def _ct_of(path: Path) -> Image:
    from catheterview.errors import InputError  # noqa: PLC0415 - only with --into
    from catheterview.read import load, scan  # noqa: PLC0415 - as above
    from catheterview.triage import best_ct  # noqa: PLC0415 - as above

    inventory = scan([path], key=b"no name leaves this function")
    chosen = [one for case in inventory.cases for study in case.studies if (one := best_ct(study)) is not None]
    if not chosen:
        raise InputError("no CT volume here to put a device into", where=path.name)
    return load(chosen[0])
