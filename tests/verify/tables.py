"""Tables of penrig: their END rows, and the verdicts in results.csv; for verify.py.

Rules guard-band, simple and exact (ILAC-G8:09/2019 4.2) by decimal arithmetic. Rows of rule `risk`,
bounds, and what is expected in words are left out.
"""
import csv
import hashlib
import io
from decimal import ROUND_CEILING, Decimal

VERDICTS = ["pass", "inconclusive", "fail"]


def complaints(data):
    """What is wrong with a table."""
    body, _, end = data[:-1].rpartition(b"\n")
    rows = list(csv.DictReader(io.StringIO(body.decode() + "\n", newline="")))
    expected = ["END", str(len(rows)), hashlib.sha256(body + b"\n").hexdigest()]
    if not data.endswith(b"\n") or end.decode().rstrip(",").split(",") != expected:
        yield "the END row does not fit"
    for row in rows:
        if "guard_band" in row and not follows(row):
            yield "unit %(unit)s, row %(row)s: %(verdict)s does not follow" % row


def allowed(row):
    value, expanded = Decimal(row["value"]), Decimal(row["U"] or 0)
    ratio = Decimal(row["guard_r"]) if row["rule"] == "guard-band" else 0
    unit = Decimal(1).scaleb(value.as_tuple().exponent)
    band = (ratio * expanded).quantize(unit, ROUND_CEILING)
    beyond = [value - Decimal(row["upper"])] if row["upper"] else []
    beyond += [Decimal(row["lower"]) - value] if row["lower"] else []
    verdict = "pass" if max(beyond) <= -band else "inconclusive" if max(beyond) <= band else "fail"
    too_uncertain = row["max_u"] and expanded > Decimal(row["max_u"])
    if row["doubts"] or (verdict == "pass" and too_uncertain):
        return ["inconclusive"]
    # Some rows are content with fewer on a later unit, which this table does not say.
    too_few = int(row["n"] or 0) < int(row["n_wanted"] or 0)
    return [verdict, "inconclusive"] if too_few else [verdict]


def follows(row):
    """Whether the verdict of a row follows from its other cells; yes where that cannot be said."""
    is_ours = row.get("rule") in ("guard-band", "simple", "exact") and row["verdict"] in VERDICTS
    if not is_ours or row["expected"] or row["bound"] or not row["value"]:
        return True
    return row["verdict"] in allowed(row)
