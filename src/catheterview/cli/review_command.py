"""``catheterview review``."""

from __future__ import annotations

from pathlib import Path

import click

from catheterview.cli.options import FOLDER


@click.command("review")
@click.argument("out", type=FOLDER)
@click.argument("case", required=False)
@click.option(
    "--input",
    "inputs",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="Where the images are now, when they have moved since triage.",
)
def review_command(*, out: Path, case: str | None, inputs: tuple[Path, ...]) -> None:
    """Read the cases of OUT in napari, most urgent first, or only CASE.

    Needs the plugin: pip install napari-catheterview and a Qt binding.
    """
    from importlib.util import find_spec  # noqa: PLC0415 - asked only when a window is wanted

    if find_spec("napari_catheterview") is None or find_spec("napari") is None:
        raise click.ClickException("the reading room is not installed: pip install napari-catheterview 'napari[pyqt6]'")
    from importlib import import_module  # noqa: PLC0415 - the plugin stands above this package and is optional

    import_module("napari_catheterview").open_review(out, case, inputs=inputs)
