# SPDX-License-Identifier: GPL-2.0
"""What a heartbeat costs: all that the kernel executes, in two boots of which one beats for longer."""
import os

import functions
import guest

SHORT, LONG = 2, 6
# What a session of 2 ms sends in a second.
RATE = 500


def boot(kernel, sessions, seconds, module, out, path):
    """Executions by function, all heartbeats that were received, and the disturbance."""
    os.makedirs(out, exist_ok=True)
    environment = {"PATH": path + ":" + os.environ["PATH"], "HASW_COUNT_OUT": os.path.join(out, "executed")}
    figures, state = guest.run(kernel, "heartbeat.sh", str(sessions), str(seconds), icount=True, limit=900, out=out,
                               module=module, environment=environment)
    (_, received, timely, lost), = figures
    # Two namespaces beat, each with so many sessions.
    if int(lost) or int(timely) < 0.95 * 2 * sessions * RATE * seconds:
        raise guest.Failed(f"{timely} heartbeats in {seconds} s, {lost} lost: the guest can't keep up with {sessions} sessions")
    counts, _ = functions.executed(out)
    by_function = {}
    for (name, _), times in counts.items():
        by_function[name] = by_function.get(name, 0) + times
    return by_function, int(received), state


def profile(kernel, sessions, modules, out, path):
    """({function: instructions a heartbeat}, the disturbance); a heartbeat is one sent and one received."""
    short, few, _ = boot(kernel, sessions, SHORT, modules[kernel], os.path.join(out, f"heartbeat-{sessions}-short"), path)
    long, many, state = boot(kernel, sessions, LONG, modules[kernel], os.path.join(out, f"heartbeat-{sessions}-long"), path)
    return {name: (times - short.get(name, 0)) / (many - few) for name, times in long.items()}, state
