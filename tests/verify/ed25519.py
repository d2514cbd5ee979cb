"""Ed25519 verification, RFC 8032 5.1.7, from the curve's equation; for verify.py.

Slow and not for keys: nothing here is secret, so nothing is hidden from a clock.
"""
import hashlib

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def add(a, b):
    (x1, y1), (x2, y2) = a, b
    m = D * x1 * x2 * y1 * y2
    return ((x1 * y2 + y1 * x2) * pow(1 + m, P - 2, P) % P,
            (y1 * y2 + x1 * x2) * pow(1 - m, P - 2, P) % P)


def times(n, a):
    total = (0, 1)
    while n:
        total, a, n = add(total, a) if n & 1 else total, add(a, a), n >> 1
    return total


def point(data):
    """The point with this y and this sign of x; ValueError if there is none."""
    y = int.from_bytes(data, "little") & (2**255 - 1)
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    if x * x % P != square or y >= P:
        raise ValueError("no point of the curve")
    return (P - x if x & 1 != data[31] >> 7 else x), y


BASE = point(bytes([0x58] + 31 * [0x66]))  # y = 4/5


def holds(key, signature, message):
    s = int.from_bytes(signature[32:], "little")
    if len(key) != 32 or len(signature) != 64 or s >= ORDER:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % ORDER
    return times(s, BASE) == add(point(signature[:32]), times(k, point(key)))
