"""To an image archive: by C-STORE or STOW-RS, with an outbox that survives a crash.

Needs pynetdicom and dicomweb-client, which the extra ``archive`` brings.
"""

from __future__ import annotations

from catheterview.archive.destination import Destination, Tls, destination
from catheterview.archive.outbox import Entry, Outbox, open_outbox
from catheterview.archive.post import Patience, post

__all__ = ["Destination", "Entry", "Outbox", "Patience", "Tls", "destination", "open_outbox", "post"]
