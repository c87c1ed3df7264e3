"""Uploads that would fill the memory. A workbook is read in a process of its own, which dies alone."""

from __future__ import annotations

import io
import resource
import zipfile
from importlib.util import find_spec

import pytest

from reknit.cohort.exchange import ExchangeError
from reknit.cohort.exchange.history import read_upload

excel = pytest.mark.skipif(find_spec("fastexcel") is None, reason="fastexcel is not installed")

OFFICE = "http://schemas.openxmlformats.org"
RELATIONS = f"{OFFICE}/officeDocument/2006/relationships"
PARTS = {
    "[Content_Types].xml": (
        f'<Types xmlns="{OFFICE}/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{OFFICE}/package/2006/relationships"><Relationship Id="rId1" '
        f'Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        f'<workbook xmlns="{OFFICE}/spreadsheetml/2006/main" xmlns:r="{RELATIONS}">'
        '<sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{OFFICE}/package/2006/relationships"><Relationship Id="rId1" '
        f'Type="{RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
    ),
}


def workbook(*cells: tuple[str, str]) -> bytes:
    """A workbook with these cells, each in a row of its own: (where, text)."""
    rows = "".join(
        f'<row r="{where.lstrip("ABCDEFX")}"><c r="{where}" t="inlineStr"><is><t>{text}</t></is></c></row>'
        for where, text in cells
    )
    sheet = f'<worksheet xmlns="{OFFICE}/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, part in {**PARTS, "xl/worksheets/sheet1.xml": sheet}.items():
            packed.writestr(name, '<?xml version="1.0"?>' + part)
    return out.getvalue()


@excel
def test_a_workbook_is_read() -> None:
    table = read_upload("old.xlsx", workbook(("A1", "client"), ("A2", " Jo "), ("A3", "Max")))
    assert table.to_dict(as_series=False) == {"client": ["Jo", "Max"]}


@excel
def test_a_kilobyte_that_names_the_last_cell_of_a_sheet_is_refused() -> None:
    small = workbook(("A1", "client"), ("XFD1048576", "far away"))
    assert len(small) < 2000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ExchangeError, match="too large; please save it as CSV"):
        read_upload("old.xlsx", small)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kB
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 2_000_000


@pytest.mark.parametrize(
    ("table", "why"),
    [
        (",".join(f"c{n}" for n in range(100_000)), "more than 500 columns"),
        ('client,date\n"' + "x" * 20_000_000, "a line has more than 1000000 letters"),
        ("client,date\n" + "Jo,2024-01-01\n" * 3_000_000, "more than 200000 rows"),
    ],
)
def test_a_table_that_only_harm_would_write_is_refused_for_little_memory(table: str, why: str) -> None:
    data = table.encode()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ExchangeError, match=why):
        read_upload("old.csv", data)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 400_000  # kB
