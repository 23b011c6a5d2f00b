"""The files that a Word document consists of."""

from __future__ import annotations

from typing import Any

_TYPES = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>{parts}</Types>'
)


def parts_of(document: Any) -> dict[str, bytes]:
    """The content of each file by its name in the package, in the order in which they stand there.

    python-docx packs them with the computer's date, and fails where that is one before 1980, which no ZIP can hold.
    """
    package = document.part.package
    parts = tuple(package.iter_parts())
    types = "".join(f'<Override PartName="{one.partname}" ContentType="{one.content_type}"/>' for one in parts)
    found = {"[Content_Types].xml": _TYPES.format(parts=types).encode(), "_rels/.rels": package.rels.xml}
    for one in parts:
        found[one.partname.membername] = one.blob
        if len(one.rels):
            found[one.partname.rels_uri.membername] = one.rels.xml
    return found
