"""Reads waveform files with pandas, polars and pyarrow, and compares what they see.

A check by hand, no part of any test run:

    python rig/waveform/tests/read_elsewhere.py rig/cli/tests/measure/*.parquet

Ran with Python 3.11, NumPy 2.4.6, pandas 3.1.1, polars 2.1.0, pyarrow 26.0.1.
Ends with exit code 1 if a reader sees something else than the file says of itself.
"""

import hashlib
import json
import sys

import numpy as np
import pandas as pd
import polars as pl
import pyarrow.parquet as pq

STATUS = {"no-target": 1, "out-of-range": 2}


def digest(seq, value, status):
    """SHA-256 of the samples, as WAVEFORM.md defines it."""
    rows = np.empty(len(seq), dtype=[("seq", "<i8"), ("value", "<i8"), ("status", "u1")])
    rows["seq"], rows["value"], rows["status"] = seq, value, status
    return hashlib.sha256(rows.tobytes()).hexdigest()


def check(path):
    file = pq.ParquetFile(path)
    keys = {k.decode(): v.decode() for k, v in file.metadata.metadata.items() if k.startswith(b"penrig.")}
    column = {"displacement": "displacement_nm", "current": "current_ua", "edge time": "edge_ns"}[keys["penrig.quantity"]]
    codes = lambda words: [STATUS.get(word, 0) for word in words]

    table = file.read()
    by_arrow = digest(
        table["seq"].to_numpy(), table[column].fill_null(0).to_numpy(), codes(table["status"].to_pylist())
    )
    frame = pd.read_parquet(path, dtype_backend="numpy_nullable")
    by_pandas = digest(
        frame["seq"].to_numpy(dtype="int64"),
        frame[column].fillna(0).to_numpy(dtype="int64"),
        codes(frame["status"].fillna("").tolist()),
    )
    lazy = pl.read_parquet(path)
    by_polars = digest(lazy["seq"].to_numpy(), lazy[column].fill_null(0).to_numpy(), codes(lazy["status"].to_list()))

    stated = keys["penrig.samples_sha256"]
    assert [by_arrow, by_pandas, by_polars] == [stated] * 3, "a reader sees other samples"
    assert len(frame) == len(lazy) == table.num_rows == int(keys["penrig.samples"]), "a reader sees fewer samples"
    assert int(frame["seq"].iloc[0]) == int(keys["penrig.first_seq"])
    assert frame[column].isna().sum() == frame["status"].notna().sum() == lazy[column].null_count()
    pages = open(path, "rb").read()
    footer = int.from_bytes(pages[-8:-4], "little")
    assert hashlib.sha256(pages[: -8 - footer]).hexdigest() == keys["penrig.pages_sha256"]
    calibration = json.loads(keys["penrig.calibration"])
    encodings = [file.metadata.row_group(0).column(i).encodings for i in range(3)]
    print(
        f"{path}: {len(frame)} samples of {column}, {len(pages) / len(frame):.3f} bytes a sample, "
        f"mean {frame[column].mean():.1f}, {frame[column].isna().sum()} null; by {file.metadata.created_by}; "
        f"certificate {calibration.get('certificate')}; encodings {encodings}"
    )


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    for path in sys.argv[1:]:
        check(path)
    print("pyarrow, pandas and polars see what was written")


main()
