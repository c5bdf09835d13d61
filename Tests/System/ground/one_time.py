"""What an authenticator shows."""

import base64
import hashlib
import hmac
import struct
import time


def one_time_password(secret, steps=0):
    """RFC 6238, by Python's own HMAC: of now, or `steps` of 30 s later."""
    counter = struct.pack(">Q", int(time.time()) // 30 + steps)
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    start = digest[19] & 15
    return f"{(struct.unpack('>I', digest[start:start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"
