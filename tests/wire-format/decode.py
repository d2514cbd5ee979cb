"""Decodes the wire-format vectors of Penrig's pens, sharing no code with pen or rig.

    python3 decode.py v01.csv     (or - for standard input)

Reads the bytes of each row, decodes them by the tables below, and compares the text it gets with
the row's. Prints how many agree and returns 0, or prints the differences and returns 1.
The row's kind says in the words of which revision the text is: `request-1` and `reply-1` know what
revision 1 added, `request` and `reply` do not, and to them a fault of revision 1 is just a bit.
Python 3.8 or newer, standard library only.

Sources: COBS, Cheshire and Baker, IEEE/ACM Trans. Networking 7(2), 1999; postcard wire format 1.0
(varint: 7 bits a byte, least significant first; signed integers by zigzag); CRC-32 as in zlib;
CRC-16/IBM-SDLC: polynomial 0x1021 reflected, start and final exclusive or 0xFFFF.
"""
import csv
import io
import struct
import sys
import zlib

VERSION, MAX_FRAME = 1, 96
PRESETS = "PatchTest Forehead Cheek Chin Nose Eyes FrownLines Lips Neck Decolletage Hands StretchMarks Scars".split()
SETTINGS = ["Depth", "Rate"]
BOOT_CAUSES = ["Power", "Watchdog", "Other"]
STATES = "Boot Standby Ready Starting Running Stopping Faulted".split()
FAULTS = ("Stall OverSpeed OverCurrent NoseHot BatteryLow BrownOut LostLink CarriageLost Watchdog"
          " CartridgeRemoved Calibration UncommandedMotion").split()
REFUSALS = ("NotAStep OutOfRange AboveArmedLimit AbovePresetCeiling AboveCartridgeLimit Running Busy NoCartridge"
            " CartridgeUsed CartridgeUnreadable Faulted CauseRemains NoTreatment TreatmentOver NotCalibrated"
            " BatteryLow").split()
# What has a word in each revision; words are only ever added, at the end.
WORDS = [{"state": STATES, "fault": FAULTS, "refusal": REFUSALS},
         {"state": STATES + ["Paused", "Asleep"], "fault": FAULTS + ["SelfTest"],
          "refusal": REFUSALS + ["OutOfOrder", "NotRunning", "CartridgeFitted", "TreatmentUnderWay"]}]


class Unknown(Exception):
    """A whole frame, but no message that this version knows."""

class Reader:
    """Takes postcard values off the front of some bytes, and names them in the words of a revision."""
    def __init__(self, data, revision):
        self.data, self.at, self.words = data, 0, WORDS[revision]

    def take(self, count):
        piece = self.data[self.at:self.at + count]
        if len(piece) != count:
            raise Unknown("message is cut short")
        self.at += count
        return piece

    def u8(self):
        return self.take(1)[0]

    def uint(self, bits):
        value = 0
        for shift in range(0, bits, 7):
            byte = self.u8()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                if value >= 1 << bits:
                    raise Unknown("number is too large for its type")
                return value
        raise Unknown("number is too long for its type")

    def sint(self, bits):
        value = self.uint(bits)
        return -(value >> 1) - 1 if value & 1 else value >> 1

    def one_of(self, table, index=None):
        index = self.uint(32) if index is None else index
        if index >= len(table):
            raise Unknown("no such variant")
        return table[index]

    def flag(self):
        return self.one_of(["false", "true"], self.u8())

    def option(self, read):
        return read(self) if self.flag() == "true" else "none"

    def faults(self):
        bits = self.uint(16)
        known = self.words["fault"]
        names = known + [f"bit{n}" for n in range(len(known), 16)]
        return "+".join(names[n] for n in range(16) if bits >> n & 1) or "none"

    def setting(self):
        if self.one_of(SETTINGS) == "Depth":
            return f"Depth depth_um={self.sint(32)}"
        return f"Rate rate_per_min={self.uint(32)}"

    def fields(self, table):
        return " ".join(f"{name}={read(self)}" for name, read in table)

    def variant(self, table):
        name, payload = self.one_of(table)
        return f"{name} {payload(self)}" if payload else name


u8, flag, faults = Reader.u8, Reader.flag, Reader.faults
u16, u32, i32, i64 = (lambda r: r.uint(16)), (lambda r: r.uint(32)), (lambda r: r.sint(32)), (lambda r: r.sint(64))
state, preset = (lambda r: r.one_of(r.words["state"])), (lambda r: r.one_of(PRESETS))
fault, refusal = (lambda r: r.one_of(r.words["fault"])), (lambda r: r.one_of(r.words["refusal"]))
IDENTITY = [("serial", lambda r: r.take(12).hex()), ("hardware_revision", u8),
            ("firmware", lambda r: f"{r.u8()}.{r.u8()}.{r.u8()}"), ("build_id", lambda r: r.take(8).hex()),
            ("protocol", u8), ("chip_uid", lambda r: r.take(12).hex())]
STATUS = [("state", state), ("faults", faults), ("depth_um", i32), ("limit_um", i32), ("rate_per_min", u32),
          ("unlocked", flag), ("preset", lambda r: r.option(preset)), ("cartridge", flag),
          ("treatment", lambda r: r.option(u32)), ("parked", flag), ("may_be_exposed", flag)]
CALIBRATION = [("generation", u32), ("serial", lambda r: r.take(12).hex()), ("hardware_revision", u8),
               ("home_protrusion_nm", i64), ("screw_lead_nm", i64)]
LINK_COUNTERS = [(name, u32) for name in ("accepted", "malformed", "oversized", "not_understood", "repeated")]
TELEMETRY = [("at_ms", u32), ("state", state), ("faults", faults), ("rate_millihertz", u32), ("position_um", i32),
             ("motor_current_ma", i32), ("battery_mv", u32), ("temperature_ddegc", i32), ("strokes", u32)]

# Name and payload of each variant, in the order that numbers them.
REQUESTS = [("Identify", None), ("GetStatus", None), ("Set", Reader.setting), ("Get", lambda r: r.one_of(SETTINGS)),
            ("SelectPreset", preset), ("ClearPreset", None), ("UnlockDepth", None), ("LockDepth", None),
            ("Start", None), ("Stop", None), ("EndTreatment", None), ("ClearFaults", None), ("Heartbeat", None),
            ("SetTelemetryPeriod", lambda r: r.fields([("period_ms", u32)])), ("GetCalibration", None),
            ("GetLinkCounters", None)]
REPLIES = [("Done", None), ("Refused", refusal), ("Identity", lambda r: r.fields(IDENTITY)),
           ("Status", lambda r: r.fields(STATUS)), ("Setting", Reader.setting),
           ("Calibration", lambda r: r.fields(CALIBRATION)), ("LinkCounters", lambda r: r.fields(LINK_COUNTERS)),
           ("Telemetry", lambda r: r.fields(TELEMETRY)), ("NotUnderstood", lambda r: r.fields([("protocol", u8)]))]


def payload(name, read):
    """A payload of one field."""
    return lambda r: r.fields([(name, read)])


# What revision 1 brought.
TREATMENT = [("id", u32), ("elapsed_ms", u32), ("left_ms", u32), ("section", u16), ("section_passes", u16),
             ("passes", u32), ("pass_strokes", u32), ("section_strokes", u32), ("strokes", u32)]
CARTRIDGE = [("id", lambda r: f"{r.uint(64):016x}"), ("needles", u8), ("needle_length_um", i32),
             ("treatment", lambda r: r.option(u32))]
LOG_EVENTS = [("Booted", payload("cause", lambda r: r.one_of(BOOT_CAUSES))), ("FaultLatched", payload("fault", fault)),
              ("FaultsCleared", payload("faults", faults)), ("DepthUnlocked", None), ("DepthLocked", None),
              ("PresetChosen", payload("preset", preset)), ("TreatmentBegun", payload("treatment", u32)),
              ("TreatmentEnded", payload("treatment", u32)), ("TreatmentOver", payload("treatment", u32)),
              ("SectionBegun", payload("section", u16)),
              ("CartridgeFitted", payload("cartridge_low", lambda r: f"{r.uint(32):08x}")), ("CartridgeRemoved", None),
              ("StartRefused", payload("refusal", refusal)), ("CalibrationWritten", payload("generation", u32)),
              ("CalibrationFailed", None), ("FellAsleep", None), ("Awoke", None)]
LOG_ENTRY = [("number", u32), ("boot", u16), ("at_ms", u32), ("event", lambda r: r.variant(LOG_EVENTS))]
LINK_REPORT = LINK_COUNTERS + [(name, u32) for name in ("out_of_order", "truncated", "receive_errors")]
REQUESTS_1 = REQUESTS + [
    ("Hello", payload("revision", u8)), ("Pause", None), ("NextSection", None), ("GetTreatment", None),
    ("GetCartridge", None), ("GetLog", payload("number", u32)), ("GetLinkReport", None),
    ("Calibrate", lambda r: r.fields([("home_protrusion_nm", i64), ("screw_lead_nm", i64)]))]
REPLIES_1 = REPLIES + [
    ("Hello", lambda r: r.fields([("protocol", u8), ("revision", u8)])), ("Treatment", lambda r: r.fields(TREATMENT)),
    ("Cartridge", lambda r: r.fields(CARTRIDGE)), ("Log", lambda r: r.fields(LOG_ENTRY)),
    ("LogEnd", payload("next", u32)), ("LinkReport", lambda r: r.fields(LINK_REPORT))]


def cobs(coded):
    """The bytes that the COBS blocks carry, final zero already off; none if the blocks are broken."""
    plain, at = bytearray(), 0
    while at < len(coded):
        code = coded[at]
        block = coded[at + 1:at + code]
        if code == 0 or 0 in block or len(block) != code - 1:
            return b""
        plain += block
        at += code
        if code != 0xFF and at < len(coded):
            plain.append(0)
    return bytes(plain)


def frame(data, messages, revision):
    """Sequence number and text of one frame, in the words of a revision."""
    if data[-1:] != b"\0" or 0 in data[:-1]:
        raise ValueError("a vector is one frame and its final zero")
    if len(data) > MAX_FRAME:
        return "", "oversized"
    plain = cobs(data[:-1])
    if len(plain) < 7 or zlib.crc32(plain[:-4]) != struct.unpack("<I", plain[-4:])[0]:
        return "", "malformed"
    version, sequence = struct.unpack("<BH", plain[:3])
    if version != VERSION:
        return str(sequence), f"version {version}"
    reader = Reader(plain[3:-4], revision)
    try:
        text = reader.variant(messages)
        if reader.at != len(reader.data):
            raise Unknown("bytes are left over")
    except Unknown:
        return str(sequence), "unknown message"
    return str(sequence), text


def factory_record(data):  # firmware/wire/src/calibration.rs says how it lies in flash
    magic, generation, serial, revision, zeros, home, lead, crc, padding = struct.unpack("<4sI12sB3siII4s", data)
    if magic != b"PNA1" or zeros != bytes(3) or padding != b"\xFF" * 4 or crc != zlib.crc32(data[:32]):
        return "", "malformed"
    return "", (f"FactoryRecord generation={generation} serial={serial.hex()} hardware_revision={revision}"
                f" home_protrusion_nm={home} screw_lead_nm={lead}")


def crc16(data):
    crc = 0xFFFF
    for bit in (byte >> n & 1 for byte in data for n in range(8)):
        crc = (crc >> 1) ^ (0x8408 if crc & 1 ^ bit else 0)
    return crc ^ 0xFFFF


def cartridge_chip(data):  # firmware/wire/src/cartridge.rs says how it lies in the chip
    magic, needles, length, zero, chip_id, crc, treatment, complement = struct.unpack("<2sBHBQHII", data)
    fresh = treatment == complement == 0xFFFFFFFF
    if magic != b"NC" or zero or crc != crc16(data[:14]) or not (fresh or treatment ^ complement == 0xFFFFFFFF):
        return "", "malformed"
    return "", (f"CartridgeChip id={chip_id:016x} needles={needles} needle_length_um={length}"
                f" treatment={'none' if fresh else treatment}")


def log_slot(data):  # firmware/wire/src/report.rs says how it lies in retained RAM
    body, crc = struct.unpack("<20sI", data)
    reader = Reader(body, 1)
    try:
        text = f"LogSlot {reader.fields(LOG_ENTRY)}"
    except Unknown:
        return "", "malformed"
    if crc != zlib.crc32(body) or any(body[reader.at:]):
        return "", "malformed"
    return "", text


KINDS = {"request": lambda data: frame(data, REQUESTS, 0), "reply": lambda data: frame(data, REPLIES, 0),
         "request-1": lambda data: frame(data, REQUESTS_1, 1), "reply-1": lambda data: frame(data, REPLIES_1, 1),
         "rejected": lambda data: frame(data, REQUESTS_1, 1), "factory-record": factory_record,
         "cartridge-chip": cartridge_chip, "log-slot": log_slot}


def main(path):
    # Published check values of both CRCs, and the example of the COBS paper's scheme.
    assert zlib.crc32(b"123456789") == 0xCBF43926 and crc16(b"123456789") == 0x906E
    assert cobs(bytes.fromhex("0311220233")) == bytes.fromhex("11220033")
    text = sys.stdin.read() if path == "-" else open(path, encoding="utf-8", newline="").read()
    rows = list(csv.DictReader(io.StringIO(text)))
    wrong = 0
    for row in rows:
        read = KINDS[row["kind"]](bytes.fromhex(row["hex"]))
        if read != (row["sequence"], row["text"]):
            wrong += 1
            print(f"{row['name']}: vector says {row['sequence']} {row['text']!r}, decoded {read[0]} {read[1]!r}")
    print(f"{wrong} of {len(rows)} vectors differ" if wrong or not rows else f"{len(rows)} vectors agree")
    return 1 if wrong or not rows else 0


sys.exit(main(sys.argv[1]))
