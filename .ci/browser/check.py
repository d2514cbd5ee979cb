"""Loads reports in headless Chromium and checks what a reader would get: no error, every table and
picture, light and dark, and printed pages that each say what they are. Python's standard library
only; needs chromium, pdfinfo and pdftotext.

    check.py REPORT.html ...
"""

import html.parser
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib

EDGE = "VIRTUAL, not for product release"
SECTIONS = ["claims", "rows", "gate", "units", "trace", "controls", "annex", "identity"]


class Page(html.parser.HTMLParser):
    """Counts of what the browser made of a report."""

    def __init__(self, text):
        super().__init__()
        self.counts, self.anchors, self.links, self.text = {}, [], [], []
        self.rows_of_tables, self.drawn, self.in_style = [], 0, False
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.counts[tag] = self.counts.get(tag, 0) + 1
        attributes = dict(attributes)
        if "id" in attributes:
            self.anchors.append(attributes["id"])
        if "href" in attributes:
            self.links.append(attributes["href"])
        if tag == "table":
            self.rows_of_tables.append(0)
        if tag == "tr" and self.rows_of_tables:
            self.rows_of_tables[-1] += 1
        if tag == "svg" and "plot" in attributes.get("class", ""):
            self.drawn += 1
        self.in_style = tag == "style"

    def handle_endtag(self, tag):
        self.in_style = False

    def handle_data(self, data):
        if not self.in_style:
            self.text.append(data)


def chromium(profile, *arguments):
    """Runs the browser; what it wrote, and the errors of the page among its log."""
    command = [
        "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
        "--disable-extensions", "--disable-background-networking", f"--user-data-dir={profile}",
        "--enable-logging=stderr", "--v=0", *arguments,
    ]
    done = subprocess.run(command, capture_output=True, timeout=180)
    if done.returncode != 0:
        sys.exit(f"chromium ended with {done.returncode}: {done.stderr.decode(errors='replace')[-2000:]}")
    log = done.stderr.decode(errors="replace")
    # The page's own messages carry CONSOLE; the rest is the browser about its surroundings.
    errors = [line for line in log.splitlines() if "CONSOLE" in line]
    return done.stdout.decode(errors="replace"), errors


def picture(path):
    """Width, height and mean brightness of the upper left corner of a PNG of 8 bits."""
    data = path.read_bytes()
    width, height, depth, colour = struct.unpack(">IIBB", data[16:26])
    assert depth == 8 and colour in (2, 6), (depth, colour)
    chunks, at = b"", 8
    while at < len(data):
        (length,) = struct.unpack(">I", data[at:at + 4])
        if data[at + 4:at + 8] == b"IDAT":
            chunks += data[at + 8:at + 8 + length]
        at += 12 + length
    n_bytes = 3 if colour == 2 else 4
    stride = 1 + width * n_bytes
    lines, before, total = zlib.decompress(chunks), bytes(stride - 1), 0
    for row in range(120):
        kind, line = lines[row * stride], bytearray(lines[row * stride + 1:(row + 1) * stride])
        for i in range(len(line)):
            left = line[i - n_bytes] if i >= n_bytes else 0
            up, corner = before[i], before[i - n_bytes] if i >= n_bytes else 0
            if kind == 1:
                line[i] = (line[i] + left) & 255
            elif kind == 2:
                line[i] = (line[i] + up) & 255
            elif kind == 3:
                line[i] = (line[i] + (left + up) // 2) & 255
            elif kind == 4:
                guess = left + up - corner
                near = min((abs(guess - left), 0, left), (abs(guess - up), 1, up), (abs(guess - corner), 2, corner))
                line[i] = (line[i] + near[2]) & 255
        before = bytes(line)
        if row >= 60:
            total += sum(line[:300 * n_bytes:n_bytes])
    return width, height, total / (60 * 300)


def check(path, profile):
    """Everything that must hold of one report; the complaints."""
    bad = []
    need = lambda holds, what: None if holds else bad.append(what)
    uri = path.resolve().as_uri()
    dom, errors = chromium(profile, "--dump-dom", uri)
    need(not errors, f"the console says: {errors[:3]}")
    page = Page(dom)
    text = "".join(page.text)
    is_virtual = EDGE in text
    for anchor in SECTIONS:
        need(anchor in page.anchors, f"no section `{anchor}`")
    need(len(page.anchors) == len(set(page.anchors)), "anchors are not unique")
    for link in page.links:
        need(link.startswith("#") and link[1:] in page.anchors, f"`{link}` leads nowhere")
    need(len(page.rows_of_tables) >= 8, f"only {len(page.rows_of_tables)} tables")
    need(all(it >= 2 for it in page.rows_of_tables), "a table without a row")
    need(page.drawn >= 10, f"only {page.drawn} pictures")
    for tag in ("script", "img", "link", "iframe", "object"):
        need(tag not in page.counts, f"<{tag}>")
    # What the browser read is what was written: nothing was repaired.
    source = Page(path.read_text(encoding="utf-8"))
    for tag in set(source.counts) | set(page.counts):
        need(source.counts.get(tag) == page.counts.get(tag), f"<{tag}> was repaired by the browser")

    brightness = {}
    for name, value in (("light", 1), ("dark", 0)):
        shot = path.with_suffix(f".{name}.png")
        chromium(profile, f"--screenshot={shot}", "--window-size=1400,1000", "--hide-scrollbars",
                 f"--blink-settings=preferredColorScheme={value}", uri)
        width, height, brightness[name] = picture(shot)
        need((width, height) == (1400, 1000), f"{name}: {width} x {height}")
    need(brightness["light"] > 200 and brightness["dark"] < 90, f"light and dark: {brightness}")
    pdf = path.with_suffix(".pdf")
    chromium(profile, "--no-pdf-header-footer", f"--print-to-pdf={pdf}", uri)
    info = subprocess.run(["pdfinfo", pdf], capture_output=True, text=True, check=True).stdout
    pages = int(re.search(r"Pages:\s+(\d+)", info).group(1))
    size = re.search(r"Page size:\s+([\d.]+) x ([\d.]+)", info)
    need(pages > 0, "no printed page")
    need(abs(float(size.group(1)) - 595) < 2 and abs(float(size.group(2)) - 842) < 2, f"not A4: {size.group(0)}")
    printed = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True).stdout
    printed = printed.split("\f")[:pages]
    for number, words in enumerate(printed, 1):
        need((EDGE in " ".join(words.split())) == is_virtual, f"page {number}: virtual or not is not said")
        need(f"page {number} of {pages}" in " ".join(words.split()), f"page {number} has no number")
        need(number == pages or len(words.split()) > 60, f"page {number} is almost empty")
    need("End of the report on run" in " ".join(printed[-1].split()), "the last page does not end the report")
    print(f"{path.name}: {len(page.rows_of_tables)} tables, {page.drawn} pictures, {pages} pages, "
          f"{path.stat().st_size} bytes, {'virtual' if is_virtual else 'hardware'}")
    return bad


def main(paths):
    if not paths:
        sys.exit("which report?")
    for tool in ("chromium", "pdfinfo", "pdftotext"):
        if shutil.which(tool) is None:
            sys.exit(f"{tool} is not installed")
    n_bad = 0
    with tempfile.TemporaryDirectory() as profile:
        for path in map(pathlib.Path, paths):
            for complaint in check(path, profile):
                n_bad += 1
                print(f"{path.name}: {complaint}", file=sys.stderr)
    if n_bad:
        sys.exit(f"{n_bad} complaints")


main(sys.argv[1:])
