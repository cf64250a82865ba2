"""The process of `catheterview.read.beside`: decodes what it is given until nothing more is."""

from __future__ import annotations

import os
import pickle
import signal
import sys

from catheterview.read.beside import ANSWER, QUESTION
from catheterview.read.decoders import DECODER_ERRORS, decoded

#: A codestream that takes longer hangs the decoder.
_HANGS_AFTER_S = 60


def answer() -> None:
    """Decode codestreams from standard input, and write their numbers to standard output."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library that prints would answer in our place
    while question := sys.stdin.buffer.read(QUESTION.size):
        (length,) = QUESTION.unpack(question)
        stream, header = pickle.loads(sys.stdin.buffer.read(length))  # from the process that started this one
        if hasattr(signal, "alarm"):
            signal.alarm(_HANGS_AFTER_S)  # nobody listens to it, so that it ends the process
        try:
            array = decoded(stream, header, plugin="gdcm")
            replies.write(ANSWER.pack(True, array.dtype.str.encode(), array.nbytes) + array.tobytes())  # noqa: FBT003
        except DECODER_ERRORS:
            replies.write(ANSWER.pack(False, b"", 0))  # noqa: FBT003
        replies.flush()
