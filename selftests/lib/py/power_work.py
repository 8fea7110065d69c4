# SPDX-License-Identifier: GPL-2.0
"""Planned work on the machine that holds the vip, and a client that asks for the vip all the time.
Each question that nobody answers counts.

The client has one MAC for the vip, as a machine behind ARP does: that of the last announcement. So it asks the old
holder until the new holder has told of itself.

It also asks a process of real time on each machine for a word, which haswitch has no part in. While that does not
answer, the machine or its user space stands still, as the host is busy. Who stands still for so long holds no lease and
has no vote. A piece of work with lost questions is done again then. All times are ns.
"""
from uml_switch import now

SECOND = 10**9
BROADCAST = b"\xff" * 6
# Each in its turn. The machine's script does it by the words of doc/install.md, and says when it is done.
KINDS = {"move": "a lease is moved by plan", "restart": "the holder's agent is restarted",
         "upgrade": "the holder's module is upgraded"}
MOVES = ("move", "upgrade")     # another machine holds the vip afterwards
LIMIT = 60 * SECOND             # until a piece of work is done
PATIENCE = SECOND               # a question without an answer for so long has none
LEAST = 100                     # fewer questions during a piece of work prove nothing
WORD, OFTEN = "there", SECOND // 50     # what each machine is asked (guest/goes.py), and the time between
STILL = SECOND // 20            # a grant of 90 ms lives through no longer silence of its holder or of the voters
TRIES = 3


class Client:
    """Is told what is asked and what is heard, and keeps what has no answer yet."""

    def __init__(self):
        self.mac = None         # whom it asks
        self.open = {}          # when each question was sent that has no answer, by its number
        self.count = 0          # of all questions
        self.wrong = []         # answers to what was answered before
        self.heard, self.still = {}, {}     # when each machine was there; its longest silence

    def told(self, frame):
        """A frame of ARP that speaks for the vip."""
        if frame[:6] == BROADCAST or not self.mac:
            self.mac = frame[6:12]

    def asks(self, number):
        self.count += 1
        self.open[number] = now()

    def answer(self, name, number):
        if self.open.pop(number, None) is None:
            self.wrong.append(f"{name} answers what was answered before")

    def alive(self, name, when):
        """A machine has sent the word back."""
        self.still[name] = max(self.still.get(name, 0), when - self.heard.get(name, when))
        self.heard[name] = when

    def begins(self):
        """What was before does not count any more."""
        self.still.clear()

    def stood(self):
        """Which machines stood still since then, and for how long."""
        for name, when in self.heard.items():
            self.still[name] = max(self.still.get(name, 0), now() - when)
        return {name: span for name, span in self.still.items() if span > STILL}

    def lost(self):
        """How many questions have had no answer for too long; each is told once."""
        late = [number for number, at in self.open.items() if at < now() - PATIENCE]
        for number in late:
            del self.open[number]
        return len(late)


def work(director, times):
    """Has each kind of work done so often. Each time all machines are well before it, and have a vote."""
    client, total = director.client, [0, 0, 0]
    director.ask_all()
    director.well()
    # What was lost before all was well does not count, nor who answered then.
    director.run_until(lambda: False, now() + PATIENCE)
    director.settle()
    client.lost()
    client.wrong.clear()
    for turn in range(1, times + 1):
        for kind in KINDS:
            for _ in range(TRIES):
                wrong, stood, asked, gone = tried(director, kind)
                again = wrong and stood
                total = [total[0] + asked, total[1] + (0 if again else gone), total[2] + bool(again)]
                print(f"{kind} {turn}: {asked} questions, {gone} without an answer"
                      + "".join(f"; {name} stood still for {span / 10**6:.0f} ms" for name, span in stood.items()),
                      flush=True)
                if not again:
                    break
            director.wrong[kind] += [f"{kind} {turn}: {what}" for what in wrong]
    print(f"{total[0]} questions, {total[1]} without an answer, and {total[2]} pieces of work done again, while "
          f"{times} times each: {', '.join(KINDS.values())}")


def tried(director, kind):
    """A piece of work: what was wrong, which machines stood still, and how many questions were asked and lost."""
    client = director.client
    before = client.count
    client.begins()
    wrong = one(director, kind)
    asked, gone = client.count - before, client.lost()
    if gone:
        wrong.append(f"{gone} of {asked} questions have no answer")
    if asked < LEAST:
        wrong.append(f"{asked} questions are too few")
    wrong += client.wrong
    client.wrong = []
    return wrong, client.stood(), asked, gone


def one(director, kind):
    """A piece of work on the machine that answers now; what was wrong besides lost questions."""
    holder = director.last[0]
    machine, wrong = director.machines[holder], []
    director.tell(f"{kind} {holder}")
    # What came too late for an earlier try says nothing of this one.
    machine.forget(f"is-{kind}")
    machine.tell(kind)
    if not director.run_until(lambda: machine.says(kind), now() + LIMIT):
        return [f"{holder} is not done, see {machine.out}/agent.log"]
    machine.forget(f"is-{kind}")
    director.well()
    director.run_until(lambda: False, now() + PATIENCE)
    others = {act.who for act in director.settle()} - {holder}
    director.found()
    if (director.last[0] != holder) != (kind in MOVES) or len(others) != (kind in MOVES):
        wrong.append(f"{holder} held it, and {' '.join(sorted(others)) or 'nobody else'} answered then")
    return wrong
