# SPDX-License-Identifier: GPL-2.0
"""A machine that goes and knows it: how it is told to, its last word to the switch,
and who answers how long after that.

A process of the machine waits for a datagram that names a kind (guest/goes.py). It sends that word on, and goes at
once. The host's kernel stamps the frame, so all times are of one clock. All times are ns.
"""
import collections
import struct

from packet import checksum

MS = 10**6
# How it goes: by a panic; by reboot(2) alone, as `reboot -f`; by reboot(2) after the agent has ended, which the unit
# told to leave the cluster, or another init to stop.
KINDS = {"panic": "a kernel that panics", "force": "a kernel that reboots",
         "reboot": "a machine whose agent leaves as it reboots",
         "term": "a machine whose agent is stopped as it reboots"}
ORDER, WORD = 7001, 7002        # UDP ports: of the machine, and of the client
IP, UDP = b"\x08\x00", 17
# A grant of a silent holder lasts at least so long after its last word: its length, less the age of its last renewal.
SILENT = {"default": 70 * MS, "fast": 20 * MS}
# An agent that is told to stop asks for a long right, here of 1 s, and writes it to disks first, which takes its time.
SILENT_LONG = 600 * MS
NEVER, BACK = 1 << 64, 1000 * MS    # no machine boots, and is granted the lease again, sooner than that

# A machine said at that time that it goes.
Gone = collections.namedtuple("Gone", "at who kind")
# When another one told of the vip first, and answered first, ns after that word, None if it did not; how often the one
# that goes has acted since then; and for how long nobody had answered when the other one did: since the last act of the
# one that goes, which may serve while its agent moves the lease, or since its word.
Next = collections.namedtuple("Next", "told answered late silence")


def order(mac, address, client_mac, client, kind):
    """The frame by which a machine is told to go."""
    udp = struct.pack("!HHHH", WORD, ORDER, 8 + len(kind), 0) + kind.encode()
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, UDP, 0, client, address)
    return mac + client_mac + IP + head[:10] + struct.pack("!H", checksum(head)) + head[12:] + udp


def word(frame):
    """The kind, if a frame is a machine's last word; else None."""
    if frame[12:14] != IP or frame[23] != UDP or frame[36:38] != struct.pack("!H", WORD):
        return None
    size, = struct.unpack("!H", frame[38:40])
    return frame[42:34 + size].decode()


def silent(kind, profile):
    """How long a machine would hold the lease if it went in that way, and its module told nobody."""
    return SILENT_LONG if kind == "term" else SILENT[profile]


def held(gone, acts):
    """Whether the machine was the last that acted when it went, by all acts of the time before, sorted."""
    before = [act.who for act in acts if act.at <= gone.at]
    return bool(before) and before[-1] == gone.who


def following(gone, acts):
    """The Next of a machine, by sorted acts of the time after it went.
    An answer counts if it was asked for after that."""
    after = [act for act in acts if act.at > gone.at and act.who != gone.who]
    first = lambda some: next((act.at - gone.at for act in some), None)
    told = first(act for act in after if act.asked is None)
    answered = first(act for act in after if (act.asked or 0) >= gone.at)
    since = gone.at + min(told or NEVER, answered or NEVER)
    served = [act.at - gone.at for act in acts
              if act.who == gone.who and act.asked is not None and gone.at < act.at < since]
    return Next(told, answered, sum(act.who == gone.who and since < act.at < gone.at + BACK for act in acts),
                None if answered is None else answered - max(served, default=0))
