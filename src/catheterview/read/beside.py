"""A decoder in a process beside: GDCM ends its process on some broken codestreams, so it has one of its own.

It is asked only for what nothing else decodes (`catheterview.read.decoders`). What comes back is numbers and no
objects: whatever a codestream does to the decoder, it does there.
"""

from __future__ import annotations

import atexit
import os
import pickle
import struct
import subprocess
import sys
from threading import Lock
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from catheterview.read.instance import Header

#: Length of a question; of an answer: whether it was decoded, the type of its numbers, its length.
QUESTION: Final = struct.Struct("<Q")
ANSWER: Final = struct.Struct("<?8sQ")
_CHILD: Final = "from catheterview.read.beside_child import answer; answer()"
_lock: Final = Lock()
#: By the process that asks: one that was forked has its own.
_running: Final = dict[int, "subprocess.Popen[bytes]"]()


def decode_beside(stream: bytes, header: Header) -> NDArray[Any]:
    """Decode one frame by GDCM, in another process.

    Returns
    -------
    (rows, columns) array of the stored type

    Raises
    ------
    RuntimeError
        When it cannot be decoded, or ends or hangs the process that tries.
    """
    pixels, question = header.pixels, pickle.dumps((stream, header))
    with _lock:
        try:
            child = _running.get(os.getpid()) or _started()
            kind, answer = _asked(child, question, most=8 * pixels.rows * pixels.columns)
        except (OSError, EOFError) as error:
            _ended()
            raise RuntimeError("the decoder ended its process") from error
    dtype = np.dtype(kind)
    if len(answer) != pixels.rows * pixels.columns * dtype.itemsize:
        raise RuntimeError("another size than was asked for")
    return np.frombuffer(answer, dtype=dtype).reshape(pixels.rows, pixels.columns)


def _started() -> subprocess.Popen[bytes]:
    """Start the process; what its libraries write is not heard."""
    command = [sys.executable, "-P", "-c", _CHILD]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    _running[os.getpid()] = child
    atexit.register(_ended)
    return child


def _asked(child: subprocess.Popen[bytes], question: bytes, *, most: int) -> tuple[str, bytes]:
    """Ask; EOFError or OSError when there is nobody any more, RuntimeError when it cannot be decoded."""
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write(QUESTION.pack(len(question)) + question)
    child.stdin.flush()
    head = child.stdout.read(ANSWER.size)
    if len(head) < ANSWER.size:
        raise EOFError
    is_decoded, kind, length = ANSWER.unpack(head)
    answer = child.stdout.read(length) if length <= most else b""
    if len(answer) < length:
        raise EOFError
    if not is_decoded:
        raise RuntimeError("cannot be decoded")
    return kind.rstrip(b"\0").decode("ascii"), answer


def _ended() -> None:
    """End the process of this one, if there is any."""
    child = _running.pop(os.getpid(), None)
    if child is not None:
        child.kill()
        child.communicate()
