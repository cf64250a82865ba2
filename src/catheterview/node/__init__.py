"""The DICOM node: takes studies in, triages each when it is whole, sends the results on.

Needs pynetdicom, which the extra ``archive`` brings.
"""

from __future__ import annotations

from catheterview.node.deliver import deliver
from catheterview.node.fetch import Harvest, Listening, fetch
from catheterview.node.inbox import Inbox, NoRoom
from catheterview.node.receiver import Peer, Receiver, Reception, peer
from catheterview.node.serve import Service, serve

__all__ = [
    "Harvest",
    "Inbox",
    "Listening",
    "NoRoom",
    "Peer",
    "Receiver",
    "Reception",
    "Service",
    "deliver",
    "fetch",
    "peer",
    "serve",
]
