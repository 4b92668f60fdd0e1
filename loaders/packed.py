"""What a workbook is packed of, looked through before anything in it is read.

openpyxl keeps a row, a string, a style sheet in memory however large it is, and expands what a
document type declares. So each part is read once as a stream, and refused where it would do harm.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from struct import unpack_from
from typing import IO, Any
from xml.parsers import expat

from graph.errors import BadRequest

ROWS = 1_048_576
"""Most rows of a sheet in Excel."""
UNPACKED = 1 << 30
"""Most bytes that a workbook may unpack to."""
DENSE, RATIO = 50 << 20, 200
"""From so many bytes on, a workbook may not unpack to so many times its size."""
PARTS, DIRECTORY = 2_000, 1 << 20
"""Most parts of a workbook, and bytes of the list of them."""
STRINGS, KEPT = 256 << 20, 16 << 20
"""Most bytes of the shared strings, and of any other part that is no sheet."""
UNIT = 8 << 20
"""Most bytes of a row, or of anything else that is in memory at once."""
_UNITS = {"worksheet": "row", "sst": "si"}
_STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
_BLOCK = 1 << 18
_END, _WIDE = b"PK\x05\x06", b"PK\x06\x07"


def check(path: Path) -> dict[str, str]:
    """Merged cells by part that has some. Raises BadRequest for what would do harm."""
    if path.suffix.lower() == ".xlsm":
        raise BadRequest(f"{path.name} is a workbook with macros; save it as .xlsx")
    if _begin(path) == bytes.fromhex("d0cf11e0a1b11ae1"):
        raise BadRequest(f"{path.name} is encrypted, or in Excel's old format; save it as .xlsx")
    if path.suffix.lower() != ".xlsx":
        raise BadRequest(f"{path.name} is no table file; give a folder of CSV files or .xlsx")
    try:
        _directory(path)
        with zipfile.ZipFile(path) as packed:
            _parts(path, packed.infolist())
            return dict(_merged(path, packed))
    except BadRequest:
        raise
    except Exception as error:
        raise damaged(path) from error


def _merged(path: Path, packed: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Look through each part; answers which have merged cells."""
    for info in packed.infolist():
        part = _Part(path, info.filename, info.file_size)
        with packed.open(info) as file:
            part.scan(file)
        if part.merged:
            yield part.name, part.merged


def damaged(path: Path) -> BadRequest:
    """What to say of a file that is broken."""
    return BadRequest(f"{path.name} is no workbook that can be read; save it as .xlsx again")


def _begin(path: Path) -> bytes:
    if path.exists() and not path.is_file():
        raise BadRequest(f"{path} is no file; give a folder of CSV files or .xlsx")
    try:
        with path.open("rb") as file:
            return file.read(8)
    except FileNotFoundError:
        raise BadRequest(f"{path} does not exist; give a folder of CSV files or .xlsx") from None
    except OSError as error:
        raise BadRequest(f"cannot read {path}: {error.strerror}") from error


def _directory(path: Path) -> None:
    """Raise BadRequest where the list of parts alone would fill the memory."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - (1 << 16) - 42))
        tail = file.read()
    end = tail.rfind(_END)
    if end < 0:
        raise damaged(path)
    if (
        tail[max(0, end - 20) :].startswith(_WIDE)
        or unpack_from("<I", tail, end + 12)[0] > DIRECTORY
    ):
        raise _too_large(path, f"has more than {PARTS:,} parts")


def _parts(path: Path, parts: Sequence[zipfile.ZipInfo]) -> None:
    if any(part.flag_bits & 1 for part in parts):
        raise BadRequest(f"{path.name} is encrypted; save it without a password")
    if any(part.filename.endswith("vbaProject.bin") for part in parts):
        raise BadRequest(f"{path.name} is a workbook with macros; save it as .xlsx")
    if len({part.filename for part in parts}) < len(parts):
        raise damaged(path)
    if len(parts) > PARTS:
        raise _too_large(path, f"has more than {PARTS:,} parts")
    size = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts) or 1
    if size > UNPACKED or (size > DENSE and size > RATIO * packed):
        raise _too_large(path, f"unpacks to {size:,} bytes")


@dataclass(slots=True)
class _Part:
    """One part on its way through a parser that keeps nothing."""

    path: Path
    name: str
    size: int
    root: str = ""
    last: int = 0
    row: int = 0
    merged: str = ""
    parser: Any = None

    def scan(self, file: IO[bytes]) -> None:
        """Read it to its end. Raises BadRequest; what is no XML is left alone."""
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.StartDoctypeDeclHandler = self._declares
        fed = 0
        try:
            while block := file.read(_BLOCK):
                self.parser.Parse(block)
                fed += len(block)
                if fed - self.last > UNIT and self.root in _UNITS:
                    raise _too_large(self.path, f"has a row or text of more than {UNIT:,} bytes")
        except expat.ExpatError:
            if self.root:
                raise

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if not self.root:
            self.root = local
            self._sized()
            if _STRICT in attributes.values():
                raise BadRequest(f"{self.path.name} is saved as Strict Open XML; save it as .xlsx")
        if local == _UNITS.get(self.root):
            self.last = self.parser.CurrentByteIndex
            if local == "row":
                self._numbered(attributes.get("r"))
        elif local == "mergeCell":
            self.merged = attributes.get("ref", "")

    def _sized(self) -> None:
        most = {"worksheet": UNPACKED, "sst": STRINGS}.get(self.root, KEPT)
        if self.size > most:
            raise _too_large(self.path, f"has a part of {self.size:,} bytes, {self.name[:80]}")

    def _numbered(self, number: str | None) -> None:
        """Rows that go back would be left out without a word."""
        row = int(number) if number else self.row + 1
        if row <= self.row:
            raise damaged(self.path)
        if row > ROWS:
            raise _too_large(self.path, f"has a sheet with more than {ROWS:,} rows")
        self.row = row

    def _declares(self, *_: object) -> None:
        raise BadRequest(f"{self.path.name} declares a document type (DOCTYPE); save it again")


def _too_large(path: Path, found: str) -> BadRequest:
    return BadRequest(f"{path.name} {found}; give a folder of CSV files")
