# SPDX-License-Identifier: GPL-2.0
"""What a heartbeat costs: all that a machine executes in its kernel while many are sent and received."""
import os

import functions
import guest

SECONDS = 4
# What a session of 2 ms sends in a second.
RATE = 500


def profile(kernel, sessions, modules, out, path):
    """({function: instructions for each heartbeat that is sent and received}, the disturbance)."""
    os.makedirs(out, exist_ok=True)
    environment = {"PATH": path + ":" + os.environ["PATH"], "HASW_COUNT_OUT": os.path.join(out, "executed")}
    figures, state = guest.run(kernel, "heartbeat.sh", str(sessions), str(SECONDS), icount=True, limit=900, out=out,
                               module=modules[kernel], environment=environment)
    received, lost, elapsed = (int(word) for word in figures[0][1:])
    # Two namespaces beat, each with so many sessions, and all are sent when they are due.
    beats = 2 * sessions * RATE * elapsed / 1e9
    if lost or received < beats:
        raise guest.Failed(f"{received} of {beats:.0f} heartbeats, {lost} lost: the guest can't keep up with "
                           f"{sessions} sessions")
    counts, _ = functions.executed(out)
    by_function = {}
    for (name, _), times in counts.items():
        by_function[name] = by_function.get(name, 0) + times / beats
    return by_function, state
