"""Verifies a run folder of penrig, and the ledger beside it, sharing no code with penrig.

    python3 -B verify.py RUN     prints what is wrong and returns 3, or `sound` and returns 0

Checks: manifest and files; every chain from its first line to its head; END rows; the ledger, its
numbers, the folders of its runs and what it says of the manifest; the station's signature, if there
is one; and from results.csv, by decimal arithmetic, each verdict of a value against its limits.
It does not make tables from the journal again: penrig does. Python 3.8 or newer, no package.
"""
import hashlib
import json
import os
import sys

import ed25519
import tables

BESIDE = {"manifest.json", "signature.json"}  # in the folder, and not in the manifest
RUN = "journal/run.jsonl"
wrong = []


def say(file, what):
    wrong.append("%s: %s" % (file, what))

def read(*path):
    with open(os.path.join(*path), "rb") as file:
        return file.read()

def sha(data):
    return hashlib.sha256(data).hexdigest()

def chain(name, data, origin, head=None):
    """Each line names the hash of the line before it. Gives each line's event and hash."""
    lines = data.split(b"\n")
    if lines.pop():
        say(name, "does not end with a line feed")
    events = []
    for number, text in enumerate(lines):
        line = json.loads(text)
        if line["seq"] != number or line["prev"] != origin:
            say(name, "line %d does not follow the line before it" % (number + 1))
        origin = sha(text)
        events.append((line["event"], origin))
    if head not in (None, origin):
        say(name, "does not end with %s" % head)
    return events

def main(run):
    run = os.path.abspath(run)
    out, name = os.path.split(run)
    manifest = read(run, "manifest.json")
    says = json.loads(manifest)
    found = [os.path.join(folder, file) for folder, _, files in os.walk(run) for file in files]
    found = {os.path.relpath(path, run).replace(os.sep, "/"): read(path) for path in found}
    listed = {file["name"]: (file["bytes"], file["sha256"]) for file in says["files"]}
    for file in sorted(set(found) - BESIDE ^ set(listed)):
        say(file, "is not listed" if file in found else "is listed and not there")
    for file, data in sorted(found.items()):
        if listed.get(file, (len(data), sha(data))) != (len(data), sha(data)):
            say(file, "is not as the manifest lists it")
        for what in tables.complaints(data) if file.endswith(".csv") and "/" not in file else ():
            say(file, what)
    ends = says["chain_heads"]
    own = chain(RUN, found[RUN], says["ledger_head"], ends[RUN])
    for file in sorted(set(ends) - {RUN}):
        chain(file, found[file], own[0][1], ends[file])
    heads = [event["unit_ended"]["head"] for event, _ in own if "unit_ended" in event]
    if sorted(heads + [own[-1][1]]) != sorted(ends.values()):
        say(RUN, "the heads of units are others than in the manifest")
    if "signature.json" in found:
        given = json.loads(found["signature.json"])
        key, signature = (bytes.fromhex(given[it]) for it in ("public_key", "signature"))
        if not ed25519.holds(key, signature, manifest):
            say("signature.json", "does not hold")
    if not os.path.exists(os.path.join(out, "ledger.jsonl")):
        return
    ledger = chain("ledger.jsonl", read(out, "ledger.jsonl"), "0" * 64)
    begun = [(event["run_begun"], line) for event, line in ledger if "run_begun" in event]
    ended = [event["run_ended"] for event, _ in ledger if "run_ended" in event]
    ended = {it["run_id"]: it for it in ended}
    if [it["number"] for it, _ in begun] != list(range(1, len(begun) + 1)):
        say("ledger.jsonl", "the numbers of runs have a gap")
    for it, _ in begun:
        ending = "" if it["run_id"] in ended else ".partial"
        if not os.path.isdir(os.path.join(out, it["run_id"] + ending)):
            say("ledger.jsonl", "run %s has no folder" % it["run_id"])
    here = [line for it, line in begun if it["run_id"] == says["run"] == name]
    end = [ended.get(name, {}).get(it) for it in ("manifest_sha256", "head")]
    if here != [says["ledger_head"]] or end != [sha(manifest), own[-1][1]]:
        say("ledger.jsonl", "says otherwise of this run")


try:
    main(sys.argv[1])
except Exception as error:  # What cannot be read is not sound.
    say(sys.argv[1], "cannot be read on: %r" % error)
print("\n".join(wrong) or "sound")
sys.exit(3 if wrong else 0)
