"""Reads the CSV tables of run folders as other programs do and compares every cell with what
Python's csv module reads by RFC 4180.

    check.py [--libreoffice] FOLDER ...

pandas reads each table twice: every column as text, which must give the same text, and by its own
guess, which must give the same numbers in columns that reports/columns.csv calls numbers and the
same text elsewhere. LibreOffice reads each twice as well: as reports/tables.md says to open it, and
with every column as text. hard.csv holds LibreOffice to what tables.md says of cells that a
spreadsheet changes. Needs pandas, and for --libreoffice soffice.
"""

import csv
import hashlib
import io
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

import pandas

HERE = pathlib.Path(__file__).parent
DICTIONARY = HERE / "../../reports/columns.csv"
NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
# The table of waveforms is explained in rig/waveform/WAVEFORM.md.
OF_WAVEFORMS = {"samples": "whole number"}
DIGITS = 15  # that a spreadsheet keeps
# As the import dialog has it: comma, double quote, UTF-8, from line 1; language; special numbers.
FILTER = "CSV:44,34,76,1,{columns},{language},false,{special}"
TEXT, ENGLISH, GERMAN = "/".join(f"{it}/2" for it in range(1, 80)), 1033, 1031
READINGS = {
    "opened": FILTER.format(columns="", language=ENGLISH, special="false"),
    "as text": FILTER.format(columns=TEXT, language=ENGLISH, special="false"),
    "english_with_dates": FILTER.format(columns="", language=ENGLISH, special="true"),
    "german": FILTER.format(columns="", language=GERMAN, special="true"),
}
NAMESPACES = "urn:oasis:names:tc:opendocument:xmlns:%s:1.0"
OFFICE, TABLE, WORDS = ("{%s}" % (NAMESPACES % it) for it in ("office", "table", "text"))


class Table:
    """A table as RFC 4180 has it, but that its lines end with a line feed alone."""

    def __init__(self, path, bad):
        self.path, self.name = path, f"{path.parent.name}/{path.name}"
        data = path.read_bytes()
        text = data.decode("utf-8")
        try:
            self.cells = list(csv.reader(io.StringIO(text, newline=""), strict=True))
        except csv.Error as error:
            sys.exit(f"{self.name}: no CSV: {error}")
        self.header, self.rows, self.end = self.cells[0], self.cells[1:-1], self.cells[-1]
        width = len(self.header)
        body = data[:data[:-1].rfind(b"\n") + 1]
        end = ["END", str(len(self.rows)), hashlib.sha256(body).hexdigest()]
        need(bad, not text.startswith("\ufeff"), f"{self.name}: a byte order mark")
        need(bad, "\r" not in text and text.endswith("\n"), f"{self.name}: line ends")
        need(bad, len(set(self.header)) == width, f"{self.name}: two columns of one name")
        need(bad, all(len(it) == width for it in self.cells), f"{self.name}: rows differ in length")
        need(bad, self.end == end + [""] * (width - 3), f"{self.name}: the END row does not fit")
        for row in self.rows:
            for column, cell in zip(self.header, row):
                safe = cell[:1] not in tuple("=+-@\t\r") or cell == "-" or NUMBER.fullmatch(cell)
                need(bad, safe, f"{self.name}, {column}: {cell!r} is a formula to a spreadsheet")
                need(bad, cell not in pandas._libs.parsers.STR_NA_VALUES - {""},
                     f"{self.name}, {column}: {cell!r} is a missing value to pandas")


def tell(bad):
    for complaint in bad[:40]:
        print(complaint, file=sys.stderr)
    if bad:
        sys.exit(f"{len(bad)} complaints")


def need(bad, holds, what):
    if not holds:
        bad.append(what)


def numbers(tables, bad):
    """Columns whose form is a number, as (table, column); every column must be explained."""
    is_number = re.compile(r"(decimal|whole number|count)\b")
    dictionary = csv.DictReader(DICTIONARY.open(encoding="utf-8", newline=""))
    forms = {(it["table"], it["column"]): it["form"] for it in dictionary}
    forms.update({("waveforms", column): form for column, form in OF_WAVEFORMS.items()})
    for table in tables:
        stem = table.path.stem
        for column in table.header if stem != "waveforms" else ():
            need(bad, (stem, column) in forms, f"columns.csv does not explain {stem}, {column}")
    return {it for it, form in forms.items() if is_number.match(form)}


def read_by_pandas(table, are_numbers, bad):
    as_text = pandas.read_csv(table.path, dtype=str, keep_default_na=False)
    found = [list(as_text.columns)] + as_text.values.tolist()
    need(bad, found == table.cells, f"{table.name}: pandas reads other text")
    # As it is read without a thought, but for the END row.
    guessed = pandas.read_csv(table.path, skipfooter=1, engine="python")
    need(bad, guessed.shape == (len(table.rows), len(table.header)), f"{table.name}: {guessed.shape}")
    for place, column in enumerate(table.header):
        want = [row[place] for row in table.rows]
        for cell, value in zip(want, guessed[column]):
            if cell == "":
                same = pandas.isna(value)
            elif isinstance(value, str):
                same = value == cell
            else:
                # A whole column of 1s and 2s is numbers to pandas, though it be names.
                shown = f"{value:.0f}" == cell
                same = float(cell) == value if (table.path.stem, column) in are_numbers else shown
            need(bad, same, f"{table.name}, {column}: pandas makes {value!r} of {cell!r}")


def words(cell):
    """Text of a cell as it is shown."""
    def inside(node):
        if node.tag == WORDS + "s":
            return " " * int(node.get(WORDS + "c", "1"))
        text = {WORDS + "tab": "\t", WORDS + "line-break": "\n"}.get(node.tag, node.text or "")
        return text + "".join(inside(it) + (it.tail or "") for it in node)
    return "\n".join(inside(it) for it in cell.iter(WORDS + "p"))


def sheet(path):
    """Cells of a flat OpenDocument sheet, as (kind, value, shown)."""
    rows = []
    for row in xml.etree.ElementTree.parse(path).getroot().iter(TABLE + "table-row"):
        cells = []
        for cell in row.iter(TABLE + "table-cell"):
            formula = cell.get(TABLE + "formula")
            kind = "formula" if formula else cell.get(OFFICE + "value-type", "empty")
            kind = {"string": "text"}.get(kind, kind)
            times = int(cell.get(TABLE + "number-columns-repeated", "1"))
            cells += [(kind, cell.get(OFFICE + "value"), words(cell))] * min(times, 1000)
        times = int(row.get(TABLE + "number-rows-repeated", "1"))
        rows += [cells] * min(times, 10000)
    while rows and all(it[0] == "empty" for it in rows[-1]):
        rows.pop()
    return rows


def by_libreoffice(paths, reading, folder):
    """The sheets that LibreOffice makes of these files."""
    inputs = folder / "in"
    for stale in inputs.glob("*"):
        stale.unlink()
    inputs.mkdir(exist_ok=True)
    names = []
    for number, path in enumerate(paths):
        names.append(f"{number:04}")
        (inputs / f"{number:04}.csv").write_bytes(path.read_bytes())
    subprocess.run(
        ["soffice", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless",
         f"--infilter={READINGS[reading]}", "--convert-to", "fods", "--outdir", folder / "out",
         *sorted(inputs.iterdir())],
        check=True, capture_output=True, timeout=600)
    return [sheet(folder / f"out/{it}.fods") for it in names]


def compare(table, rows, are_numbers, turned, bad):
    """Holds a sheet to the table. Text that became a number or a date must look as it did."""
    width = len(table.header)
    need(bad, len(rows) == len(table.cells), f"{table.name}: {len(rows)} rows in LibreOffice")
    for line, (found, want) in enumerate(zip(rows, table.cells), 1):
        need(bad, all(it[0] == "empty" for it in found[width:]), f"{table.name}:{line} is wider")
        found = found[:width] + [("empty", None, "")] * (width - len(found))
        is_row = 1 < line < len(table.cells)
        for column, (kind, value, shown), cell in zip(table.header, found, want):
            name = (table.path.stem, column)
            if kind in ("text", "empty"):
                same = shown == cell
            elif kind == "float" and is_row and turned is not None and name in are_numbers:
                fits = len(cell.lstrip("-0.").replace(".", "")) <= DIGITS
                same = NUMBER.fullmatch(cell) and float(value) == float(cell) and fits
            else:
                same = turned is not None and shown == cell
                if is_row and same:
                    turned.setdefault((f"{table.path.stem}.{column}", kind), cell)
            need(bad, same, f"{table.name}:{line}, {column}: LibreOffice makes {kind} {shown!r} of {cell!r}")


def check_hard(folder, bad):
    """What a spreadsheet does to cells that are hard on it is what is said of it."""
    path = HERE / "hard.csv"
    want = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline=""), strict=True))
    for reading in READINGS:
        (rows,) = by_libreoffice([path], reading, folder)
        for found, cells in zip(rows, want):
            kind, _, shown = found[0]
            said = dict(zip(want[0], cells)).get(reading, "text")
            said = "text" if cells is want[0] else said
            need(bad, kind == said, f"hard.csv, {reading}: {cells[0]!r} is {kind}, not {said}")
            same = shown == cells[0] or kind != "text"
            need(bad, same, f"hard.csv, {reading}: {cells[0]!r} is shown as {shown!r}")


def main(arguments):
    libreoffice = "--libreoffice" in arguments
    folders = [pathlib.Path(it) for it in arguments if it != "--libreoffice"]
    bad = []
    tables = [Table(path, bad) for folder in folders for path in sorted(folder.glob("*.csv"))]
    if not tables or any(not any(folder.glob("*.csv")) for folder in folders):
        sys.exit("which run folders?")
    tell(bad)  # Nothing reads on where rows are not rows.
    are_numbers = numbers(tables, bad)
    for table in tables:
        read_by_pandas(table, are_numbers, bad)
    n_cells = sum(len(it.cells) * len(it.header) for it in tables)
    by = f"pandas {pandas.__version__}"
    if libreoffice:
        with tempfile.TemporaryDirectory() as folder:
            folder, turned = pathlib.Path(folder), {}
            for reading, into in (("opened", turned), ("as text", None)):
                sheets = by_libreoffice([it.path for it in tables], reading, folder)
                for table, rows in zip(tables, sheets):
                    compare(table, rows, are_numbers, into, bad)
            check_hard(folder, bad)
        for (name, kind), cell in sorted(turned.items()):
            print(f"{name} is text and may be read as {kind}: {cell}")
        said = subprocess.run(["soffice", "--version"], capture_output=True, text=True, check=True)
        by += " and " + " ".join(said.stdout.split()[:2])
    print(f"{len(tables)} tables, {n_cells} cells: {by}")
    tell(bad)


main(sys.argv[1:])
