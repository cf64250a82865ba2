"""Review of intrathecal drug pump imaging in napari. Research use only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from napari_catheterview.app import open_review

__all__ = ["open_review"]


def __getattr__(name: str) -> Any:
    """Import the window only when it is asked for: napari reads manifests of plugins that are never opened."""
    if name == "open_review":
        from napari_catheterview.app import open_review  # noqa: PLC0415 - Qt and napari take seconds to import

        return open_review
    raise AttributeError(name)
