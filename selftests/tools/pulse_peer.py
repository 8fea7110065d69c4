#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Heartbeats made and heard outside the module, for its tests.

    record DEV COUNT FILE   waits until COUNT heartbeats were sent out by DEV, writes their frames to FILE
    flood DEV FILE KIND COUNT [HEXKEY [PAUSE]]
                            sends COUNT frames out by DEV, made of those of FILE, and waits PAUSE seconds (0.0001) after
                            each hundred; HEXKEY may be empty:
                              replayed    as they are
                              forged      with new counters and a random MAC
                              truncated   cut short, anywhere, with a right UDP length and checksum
                              longer      with bytes behind
                              unknown     of a session that is not there
                              elsewhere   from another address
                              nonsense    authentic by HEXKEY, of values that no heartbeat has
                              as-it-was   as they are, the oldest first
                              going       authentic by HEXKEY, later than all, says that its sender goes
                              ahead       authentic by HEXKEY, far later than all
                              newer       authentic by HEXKEY, later than all, as of a release to come: of another kind,
                                          with records of another type, and one that claims the lease "l" under epoch 7
                              cut         as that, without the last byte
    refuse DEV FILE KIND COUNT
                            sends COUNT messages to the sender of those of FILE: the host is unreachable. They
                            quote them
                              quoted      as they are
                              forged      with a random MAC
                              short       without the last byte
    take DEV FILE HEXKEY MILLISECONDS
                            sends authentic ones by HEXKEY, of a life that never was, for so long
    return DEV FILE KIND HEXKEY
                            waits for a heartbeat to the sender of those of FILE, and answers it by DEV as that one,
                            which has begun again: an authentic one of that kind (a number) is its first
    vector                  prints the known answers that the module's own test has
"""
import os
import random
import socket
import struct
import sys
import time

from packet import checksum, pseudo

ETH_P_ALL, ETH_P_IP, OUTGOING, PORT, LENGTH = 3, 0x0800, 4, 6947, 88
MASK = (1 << 64) - 1


def rotate(value, by):
    return (value << by | value >> 64 - by) & MASK


def siphash(key, data):
    """SipHash-2-4 of bytes, by the paper."""
    k0, k1 = struct.unpack("<QQ", key)
    v = [k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573]

    def rounds(count):
        for _ in range(count):
            v[0] = (v[0] + v[1]) & MASK
            v[1] = rotate(v[1], 13) ^ v[0]
            v[0] = rotate(v[0], 32)
            v[2] = (v[2] + v[3]) & MASK
            v[3] = rotate(v[3], 16) ^ v[2]
            v[0] = (v[0] + v[3]) & MASK
            v[3] = rotate(v[3], 21) ^ v[0]
            v[2] = (v[2] + v[1]) & MASK
            v[1] = rotate(v[1], 17) ^ v[2]
            v[2] = rotate(v[2], 32)

    padded = data + b"\0" * (7 - len(data) % 8) + bytes([len(data) & 255])
    for (word,) in struct.iter_unpack("<Q", padded):
        v[3] ^= word
        rounds(2)
        v[0] ^= word
    v[2] ^= 0xff
    rounds(4)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


def mac(beat, source, dest, key):
    return struct.pack(">Q", siphash(key, source + dest + beat[:LENGTH - 8]))


def frame(like, payload, source=None):
    """A frame as LIKE, with another payload, and another source if given."""
    ip = bytearray(like[14:34])
    struct.pack_into(">H", ip, 2, 28 + len(payload))
    struct.pack_into(">H", ip, 10, 0)
    if source:
        ip[12:16] = source
    struct.pack_into(">H", ip, 10, checksum(bytes(ip)))
    length = 8 + len(payload)
    udp = struct.pack(">HHHH", PORT, PORT, length, 0)
    check = checksum(pseudo(bytes(ip[12:16]), bytes(ip[16:20]), 17, length) + udp + payload) or 0xffff
    return like[:14] + bytes(ip) + udp[:6] + struct.pack(">H", check) + payload


def packets(dev):
    # No protocol before it is bound: until then it would hear every device.
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    sock.bind((dev, ETH_P_ALL))
    return sock


def is_beat(data):
    return (len(data) == 42 + LENGTH and data[12:14] == struct.pack(">H", ETH_P_IP) and data[23] == 17 and
            data[36:38] == struct.pack(">H", PORT))


def record(dev, count, path):
    sock = packets(dev)
    found = []
    while len(found) < count:
        data, where = sock.recvfrom(2048)
        if where[2] == OUTGOING and is_beat(data):
            # Whether the sender left its checksum to the device does not matter here.
            found.append(frame(data, data[42:]))
    with open(path, "wb") as file:
        file.write(b"".join(found))


def frames(path):
    with open(path, "rb") as file:
        data = file.read()
    return [data[at:at + 42 + LENGTH] for at in range(0, len(data), 42 + LENGTH)]


def changed(beat, offset, form, *values):
    beat = bytearray(beat)
    struct.pack_into(form, beat, offset, *values)
    return bytes(beat)


def sealed(like, beat, key):
    return frame(like, beat[:LENGTH - 8] + mac(beat, like[26:30], like[30:34], key))


# Offsets in a heartbeat: kind 5, flags 6, interval 12, multiplier 16, life 24, counter 32.
NONSENSE = [(12, ">I", (499,)), (12, ">I", (10000001,)), (16, "B", (1,)), (24, ">Q", (0,)), (32, ">Q", (0,)),
            (40, ">Q", (0,))]


def record_of(number, data):
    return struct.pack(">BBH", number, 0, len(data)) + data


def newer(like, key):
    beat = changed(like[42:], 32, ">Q", struct.unpack_from(">Q", like, 42 + 32)[0] + 1000)
    beat = changed(changed(beat, 5, "B", 200), 6, "B", beat[6] | 0x82)
    lease = siphash(bytes(16), b"l") & 0xffffffff
    records = record_of(99, b"hello") + record_of(1, struct.pack(">IQ", lease, 7)) + record_of(100, b"")
    whole = beat[:LENGTH - 8] + mac(beat, like[26:30], like[30:34], key)
    both = struct.pack("<Q", siphash(key, records)) + whole[-8:][::-1]
    return whole + records + struct.pack(">Q", siphash(key, both))


def made(kind, like, key):
    beat = like[42:]
    counter, = struct.unpack_from(">Q", beat, 32)
    if kind == "forged":
        return frame(like, changed(changed(beat, 32, ">Q", counter + random.randrange(1, 1 << 30)), 80, ">Q",
                                   random.getrandbits(64)))
    if kind == "truncated":
        return frame(like, beat[:random.randrange(LENGTH)])
    if kind == "longer":
        return frame(like, beat + os.urandom(random.randrange(1, 200)))
    if kind == "unknown":
        return frame(like, changed(beat, 8, ">I", random.randrange(1 << 31, 1 << 32)))
    if kind == "elsewhere":
        return frame(like, beat, bytes([10, 0, 0, random.randrange(100, 200)]))
    if kind == "nonsense":
        offset, form, values = random.choice(NONSENSE)
        return sealed(like, changed(changed(beat, 32, ">Q", counter + 1000), offset, form, *values), key)
    if kind == "going":
        return sealed(like, changed(changed(beat, 32, ">Q", counter + 100000), 5, "B", 1), key)
    if kind == "newer":
        return frame(like, newer(like, key))
    if kind == "cut":
        return frame(like, newer(like, key)[:-1])
    if kind == "ahead":
        return sealed(like, changed(beat, 32, ">Q", counter + (1 << 40)), key)
    return like


def flood(dev, path, kind, count, key="", pause="0.0001"):
    count, key, pause = int(count), bytes.fromhex(key), float(pause)
    sock = packets(dev)
    recorded = frames(path)
    # Made before, so that they come as fast as can be.
    ready = [made(kind, recorded[i % len(recorded)], key) for i in range(min(count, 2000))]
    if kind == "replayed":
        ready = recorded[::-1] + recorded
    begun = time.monotonic()
    for i in range(count):
        if not i % 100:
            # More than a thousand that wait for the one CPU would be dropped before the module sees them.
            time.sleep(pause)
        while True:
            try:
                sock.send(ready[i % len(ready)])
                break
            except OSError:
                time.sleep(0.001)
    print(f"{count} in {time.monotonic() - begun:.2f} s")


def refuse(dev, path, kind, count):
    sock = packets(dev)
    recorded = frames(path)
    for i in range(count):
        like = recorded[-1 - i % len(recorded)]
        quoted = like[14:]
        if kind == "forged":
            quoted = quoted[:-8] + os.urandom(8)
        elif kind == "short":
            quoted = quoted[:-1]
        message = struct.pack(">BBHI", 3, 1, 0, 0) + quoted
        message = message[:2] + struct.pack(">H", checksum(message)) + message[4:]
        ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(message), 0, 0, 64, 1, 0, like[30:34], like[26:30])
        ip = ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:]
        sock.send(like[6:12] + like[:6] + like[12:14] + ip + message)
        time.sleep(0.001)


def take(dev, path, key, milliseconds):
    sock = packets(dev)
    like = frames(path)[-1]
    life, challenge, end = (random.getrandbits(64) | 1, random.getrandbits(64) | 1,
                            time.monotonic() + milliseconds / 1000)
    counter = 0
    while time.monotonic() < end:
        counter += 1
        beat = changed(changed(like[42:], 24, ">QQQ", life, counter, challenge), 48, ">Q", random.getrandbits(64))
        sock.send(sealed(like, beat, key))
        time.sleep(0.001)


def come_back(dev, path, kind, key):
    sock = packets(dev)
    like = frames(path)[-1]
    data, where = b"", (None,) * 3
    while where[2] == OUTGOING or not is_beat(data) or data[26:34] != like[30:34] + like[26:30]:
        data, where = sock.recvfrom(2048)
    challenge, = struct.unpack_from(">Q", data, 42 + 40)
    beat = changed(like[42:], 24, ">QQQQ", random.getrandbits(64) | 1, 1, random.getrandbits(64) | 1, challenge)
    sock.send(sealed(like, changed(changed(beat, 5, "B", kind), 72, ">Q", 1), key))


def vector():
    """A heartbeat in which every field has bytes of its own."""
    beat = struct.pack(">IBBBBIIBB6xQQQQQQQ", 0x68617370, 1, 1, 1, 9, 0x01020304, 1000, 3, 10, 0x1112131415161718,
                       0x2122232425262728, 0x3132333435363738, 0x4142434445464748, 0x5152535455565758,
                       0x6162636465666768, 0x7172737475767778)
    key = bytes(range(16))
    four = mac(beat + b"\0" * 8, bytes([192, 0, 2, 1]), bytes([192, 0, 2, 2]), key)
    six = mac(beat + b"\0" * 8, bytes.fromhex("20010db8000000000000000000000001"),
              bytes.fromhex("20010db8000000000000000000000002"), key)
    print(beat.hex(), four.hex(), six.hex())


def main():
    what, *words = sys.argv[1:] or [""]
    if what == "record":
        record(words[0], int(words[1]), words[2])
    elif what == "flood":
        flood(*words)
    elif what == "refuse":
        refuse(words[0], words[1], words[2], int(words[3]))
    elif what == "take":
        take(words[0], words[1], bytes.fromhex(words[2]), int(words[3]))
    elif what == "return":
        come_back(words[0], words[1], int(words[2]), bytes.fromhex(words[3]))
    elif what == "vector":
        # The example of the SipHash paper: what follows is right if this is.
        assert siphash(bytes(range(16)), bytes(range(15))) == 0xa129ca6149be45e5
        vector()
    else:
        sys.exit(__doc__)


main()
