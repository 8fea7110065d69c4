# SPDX-License-Identifier: GPL-2.0
"""The time stamp counter of the CPU, which is one for all User Mode Linux kernels of a machine:
their clocks are not."""
import ctypes
import mmap
import time

# rdtsc; shl $32, %rdx; or %rdx, %rax; ret
_code = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
_code.write(b"\x0f\x31\x48\xc1\xe2\x20\x48\x09\xd0\xc3")
counter = ctypes.CFUNCTYPE(ctypes.c_uint64)(ctypes.addressof(ctypes.c_char.from_buffer(_code)))


def _both():
    """The counter and CLOCK_BOOTTIME at one time: the closest of some."""
    tries = []
    for _ in range(20):
        before, clock, after = counter(), time.clock_gettime_ns(time.CLOCK_BOOTTIME), counter()
        tries.append((after - before, (before + after) // 2, clock))
    return min(tries)[1:]


def at(stamp):
    """What the counter was at a CLOCK_BOOTTIME, ns, and how often it counts in a second."""
    first, begun = _both()
    time.sleep(0.5)
    last, ended = _both()
    hertz = (last - first) * 10**9 / (ended - begun)
    return round(first - (begun - stamp) * hertz / 10**9), round(hertz)
