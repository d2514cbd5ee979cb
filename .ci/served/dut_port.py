"""Asks a pen on a serial port who it is, through pyserial, and has the answer read by
tests/wire-format/decode.py, which shares no code with pen or rig.

    python3 dut_port.py PORT SERIAL

Prints the answer and returns 0 if the pen gives this serial number; 1 otherwise.
"""
import csv
import pathlib
import subprocess
import sys

import serial

WIRE = pathlib.Path(__file__).resolve().parents[2] / "tests" / "wire-format"


def main(port, expected):
    with open(WIRE / "v01.csv", encoding="utf-8", newline="") as vectors:
        identify = next(row for row in csv.DictReader(vectors) if row["name"] == "identify")
    with serial.Serial(port, 115200, timeout=3) as line:
        line.reset_input_buffer()
        line.write(b"\0" + bytes.fromhex(identify["hex"]))
        answer = line.read_until(b"\0")
    if not answer.endswith(b"\0"):
        print(f"no answer within 3 s, but {answer.hex()!r}")
        return 1
    row = f"name,kind,sequence,hex,text\nanswer,reply,0,{answer.hex()},?\n"
    decoder = [sys.executable, str(WIRE / "decode.py"), "-"]
    decoded = subprocess.run(decoder, input=row, capture_output=True, text=True, check=False).stdout
    print(answer.hex())
    print(decoded.splitlines()[0])
    named = f"decoded 0 'Identity serial={expected.encode().hex()} "
    return 0 if named in decoded else 1


sys.exit(main(*sys.argv[1:]))
