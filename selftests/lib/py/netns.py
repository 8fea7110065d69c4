# SPDX-License-Identifier: GPL-2.0
"""Network namespaces by name: a socket belongs for good to the one in which it was made."""
import ctypes
import os

CLONE_NEWNET = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)


def enter(name):
    """This thread in that namespace, from now on."""
    there = os.open(f"/run/netns/{name}", os.O_RDONLY)
    try:
        if LIBC.setns(there, CLONE_NEWNET):
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code), name)
    finally:
        os.close(there)


def inside(name, make):
    """make(), with this thread in that namespace for as long."""
    home = os.open("/proc/self/ns/net", os.O_RDONLY)
    try:
        enter(name)
        return make()
    finally:
        LIBC.setns(home, CLONE_NEWNET)
        os.close(home)
