"""Forms with a file: bounded, complete and unambiguous, or refused."""

from __future__ import annotations

import pytest

from istmo.errors import Problem
from istmo.runtime.parse import upload
from istmo.runtime.settings import Limits

KIND = "multipart/form-data; boundary=xyz"


def part(name: str, data: bytes, more: str = "") -> bytes:
    head = f'--xyz\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'
    return head.encode() + data + b"\r\n"


FILE = part("file", b"%PDF-1.7", '; filename="a.pdf"\r\nContent-Type: application/PDF')
END = b"--xyz--\r\n"


def test_a_form_is_read() -> None:
    found = upload(FILE + part("type", b"identity-card") + part("title", "Ca\u0301dula".encode()) + END, KIND, Limits())
    assert (found.media_type, found.filename, found.data) == ("application/pdf", "a.pdf", b"%PDF-1.7")
    assert found.fields == {"type": "identity-card", "title": "C\u00e1dula"}


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"", KIND, 400),
        (FILE, KIND, 400),
        (FILE + END, "multipart/form-data", 400),
        (b"nonsense", KIND, 400),
        (FILE + END, "multipart/form-data; boundary=abc; boundary=xyz", 400),
        (part("type", b"x") + END, KIND, 422),
        (FILE + FILE + END, KIND, 422),
        (FILE + part("type", b"a") + part("type", b"b") + END, KIND, 422),
        (FILE + part("type", b"\xff") + END, KIND, 400),
        (FILE + part("type", b"a\x00b") + END, KIND, 422),
        (FILE + part("type", b"x" * 5000) + END, KIND, 422),
        (FILE + part("type", b"x") * 40 + END, KIND, 413),
        (part("file", b"x" * 30_000, '; filename="a"') + END, KIND, 413),
        (part("type", b"x", "\r\nX-Long: " + "y" * 5000) + END, KIND, 400),
    ],
    ids=range(14),
)
def test_other_forms_are_refused(body: bytes, kind: str, status: int) -> None:
    with pytest.raises(Problem) as refused:
        upload(body, kind, Limits(document_bytes=20_000))
    assert refused.value.status == status
