"""Studies of a DICOMweb service: asked for by QIDO-RS, taken by WADO-RS."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

from catheterview.archive.destination import Destination
from catheterview.archive.wanted import Offered, Wanted, distinct
from catheterview.archive.web_carrier import understood, web_client

_STUDY, _INSTANCES = "0020000D", "00201208"
_AT_ONCE = 200
#: As the service keeps them: an archive that decodes for us could lose what it was.
_ANY_SYNTAX = (("application/dicom", "*"),)

#: Takes one object: case-independent identity by keyword, and the file.
Taker = Callable[[Any, bytes], None]


def find_on_web(source: Destination, wanted: Wanted) -> tuple[Offered, ...]:
    """Ask which studies there are.

    Raises
    ------
    Unreachable, Refused
    """
    found: list[Offered] = []
    with web_client(source) as client, understood():
        for matching in wanted.matching():
            for page in _pages(client, matching):
                found += [_offered(one) for one in page if _STUDY in one]
    return distinct(found)


def _pages(client: Any, matching: dict[str, str]) -> Iterator[list[dict[str, Any]]]:
    """Page after page, until one is not full, or tells nothing new."""
    seen: set[str] = set()
    while True:
        asked = {"search_filters": matching, "fields": [_INSTANCES], "limit": _AT_ONCE, "offset": len(seen)}
        page = client.search_for_studies(**asked)
        uids = {str(one) for one in page}
        if uids <= seen:
            return
        seen |= uids
        yield page
        if len(page) < _AT_ONCE:
            return


def _offered(plain: dict[str, Any]) -> Offered:
    count = plain.get(_INSTANCES, {}).get("Value", [None])[0]
    return Offered(study_instance_uid=str(plain[_STUDY]["Value"][0]), instances=None if count is None else int(count))


def take_from_web(source: Destination, study_instance_uid: str, take: Taker) -> int:
    """Take every object of a study; return how many could not be taken.

    Raises
    ------
    Unreachable, Refused
    """
    with web_client(source) as client, understood():
        for one in client.iter_study(study_instance_uid, media_types=_ANY_SYNTAX):
            whole = BytesIO()
            one.save_as(whole, enforce_file_format=True)
            take(one, whole.getvalue())
    return 0
