"""To an image archive by C-STORE or STOW-RS, with an outbox that survives a crash; from it by C-MOVE or WADO-RS.

Needs pynetdicom and dicomweb-client, which the extra ``archive`` brings.
"""

from __future__ import annotations

from catheterview.archive.destination import Destination, Tls, destination
from catheterview.archive.outbox import Entry, Outbox, open_outbox
from catheterview.archive.post import Patience, post
from catheterview.archive.wanted import Wanted

__all__ = ["Destination", "Entry", "Outbox", "Patience", "Tls", "Wanted", "destination", "open_outbox", "post"]
