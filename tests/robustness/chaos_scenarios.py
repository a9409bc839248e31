"""The ways in which a round of chaos goes wrong. Each takes a ChaosRound, does its harm, and sees the work through.

`one.plan` is what the proxy before the store does; `rate` 0 until a scenario says otherwise.
"""
import resource
import signal
import time

from chaos_round import ALIAS, BUCKET, KILLED, PATIENCE, STORAGE
from scenarios import CRASH_STEPS
from stack_testing import shifted_clock
from stack_testing.s3_proxy import FAULTS, MOMENTS, Trap
from stack_testing.short_credentials import ShortCredentials

# A session short enough to be slept through.
SESSION = ("--kafka-property", "session.timeout.ms=1000", "--kafka-property", "heartbeat.interval.ms=200")
# Steps that every first sink comes to.
SURE_STEPS = ("before-claim", "after-claim", "before-complete", "after-first-file", "after-files")
LATE = ("late", "very late", "lost answer", "half an answer")


def crash_at_step(one):
    """The sink dies at a chosen step of its commit protocol, once and again; its successors have other options."""
    one.begin()
    _crash(one, one.rng.choice(SURE_STEPS), 1)
    for _ in range(one.rng.randint(1, 2)):
        one.change_terms()
        _crash(one, *one.rng.choice([("after-adopt", 1), *((step, None) for step in CRASH_STEPS)]))
    one.land()


def _crash(one, step, time_reached=None):
    time_reached = time_reached or one.rng.randint(1, 3)
    sink = one.sink("--until-end", STACK_CRASH_AT=f"{step}:{time_reached}")
    if one.ended(sink, PATIENCE, 0, KILLED) == KILLED:
        one.faults[f"crash {step}"] += 1


def killed_at_request(one):
    """The sink dies at a request to the store: before it, within it, when it has worked unheard, when it is answered."""
    one.begin()
    first = (one.rng.choice(("claim", "file", "list")), 1)
    others = [(kind, one.rng.randint(1, 6)) for kind in one.rng.sample(("claim", "file", "head", "get", "dead letters"), 2)]
    for kind, nth in [first, *others]:
        _die_at(one, kind, nth)
        one.change_terms()
    one.land()


def _die_at(one, kind, nth):
    moment, sinks = one.rng.choice(MOMENTS), []
    one.station.proxy.trap = Trap(kind, nth, moment, lambda: sinks[0].signal(signal.SIGKILL))
    sinks.append(one.sink("--until-end"))
    if one.ended(sinks[0], PATIENCE, 0, KILLED) == KILLED:
        one.faults[f"killed at {kind}, {moment}"] += 1
    one.station.proxy.trap = None


def killed(one):
    """kill -9 of the sink at any time, again and again, while records come; other options each time."""
    one.begin(seconds=one.rng.uniform(0.3, 1.0))
    for _ in range(one.rng.randint(2, 4)):
        sink = one.sink()
        if one.rng.random() < 0.7:  # else it may die before it has done anything
            one.until_claims(sink, one.rng.randint(1, 4), timeout=0.7)
        one.pause(0.3)
        one.kill(sink)
        one.change_terms()
    one.land()


def twins(one):
    """Two sinks of different groups on one lake, each sure to own every partition; one of them may die."""
    one.begin(seconds=one.rng.uniform(0.2, 0.8))
    pair = [one.sink(bucket=BUCKET)]
    one.pause(0.3)
    one.change_terms()
    pair.append(one.sink(bucket=ALIAS))
    one.until_claims(pair[1], 2, timeout=3)
    one.faults["twins"] += 1
    if one.rng.random() < 0.5:
        one.pause(0.4)
        one.kill(pair[one.rng.randrange(2)])
    one.feed.join()
    if one.rng.random() < 0.5:
        one.until_claims(pair[0], 3, timeout=0.5)
        one.stop(*(each for each in pair if each.alive()))
    one.land()


def paused(one):
    """A sink sleeps past its session while another takes over; then it wakes, believing to own its range."""
    one.begin(seconds=1.5)
    first = one.sink(*SESSION)
    one.until_claims(first, timeout=5)
    one.change_terms()
    second = one.sink(*SESSION)
    one.pause(0.5)
    assert first.signal(signal.SIGSTOP), f"{first} ended by itself: {first.errors()}"
    one.faults["sink paused"] += 1
    time.sleep(1.2)  # the session is over
    one.until_claims(second, timeout=3)
    first.signal(signal.SIGCONT)
    one.feed.join()
    one.pause(0.5)
    one.stop(first, second)
    one.land()


def zombie(one):
    """A sink sleeps at any moment, one of another group lands everything, and the sleeper wakes in its old belief."""
    one.begin()
    sleeper = one.sink(bucket=ALIAS)
    if one.rng.random() < 0.5:
        one.until_claims(sleeper, one.rng.randint(1, 3), timeout=2)
        one.pause(0.05)
    else:
        one.pause(0.5)
    if sleeper.signal(signal.SIGSTOP):
        one.faults["zombie"] += 1
    one.change_terms()
    if one.rng.random() < 0.3:
        _crash(one, one.rng.choice(CRASH_STEPS))
    one.land()
    sleeper.signal(signal.SIGCONT)
    time.sleep(0.5)
    one.stop(sleeper)


def broker_killed(one):
    """kill -9 of the broker under a working sink, which outlasts it."""
    one.begin(seconds=0.6)
    sink = one.sink("--connect-timeout", "60s")  # on a busy machine a broker takes its time to start
    one.until_claims(sink, timeout=5)
    one.pause(0.3)
    one.station.broker.kill()
    one.faults["broker killed"] += 1
    one.pause(1.0)
    one.station.broker.start()
    one.feed.join()
    assert sink.alive(), f"{sink} did not outlast the broker: {sink.errors()}"
    one.stop(sink)
    one.land()


def store_faults(one):
    """Every request may go wrong in any way, or in a few; the sink gets through."""
    one.plan.kinds = FAULTS if one.rng.random() < 0.5 else tuple(one.rng.sample(FAULTS, 2))
    one.plan.rate = one.rng.choice([0.1, 0.2, 0.35])
    one.begin()
    if one.rng.random() < 0.5:
        sink = one.sink()
        one.until_claims(sink, one.rng.randint(1, 5), timeout=2)
        one.pause(0.3)
        one.kill(sink)
        one.change_terms()
    one.land()
    _ensure_fault(one)


def late_writes(one):
    """Writes reach the store after their sender gave up, died or was followed by others: seconds later, or last of all."""
    one.plan.kinds, one.plan.rate, one.plan.longest = LATE, one.rng.choice([0.15, 0.3]), 2.0
    one.begin(wide=one.rng.random() < 0.2)
    for _ in range(one.rng.randint(1, 3)):
        sink = one.sink(bucket=one.rng.choice([BUCKET, ALIAS]))
        one.until_claims(sink, one.rng.randint(1, 4), timeout=1)
        one.pause(0.3)
        one.kill(sink)
        one.change_terms()
    one.land()
    _ensure_fault(one)


def _ensure_fault(one):
    """A short round under a low rate may have been spared."""
    if not one.station.proxy.injected and not one.faults:
        one.faults["spared"] += 1


def store_down(one):
    """The store dies and comes back a while later; the sink waits for it."""
    one.begin(seconds=0.5)
    sink = one.sink()
    one.until_claims(sink, one.rng.randint(1, 3), timeout=3)
    one.pause(0.2)
    one.station.gateway.kill()
    one.faults["store killed"] += 1
    time.sleep(one.rng.uniform(0.1, 2.0))
    if one.rng.random() < 0.3:
        one.kill(sink)
    one.station.gateway.start()
    one.feed.join()
    if sink.alive():
        one.stop(sink)
    one.land()


def store_full(one):
    """The store's disk is full for a while: what is written is refused as an internal error, small things may pass."""
    one.begin(seconds=0.5)
    sink = one.sink()
    one.until_claims(sink, timeout=3)
    one.station.gateway.limit_files(one.rng.choice([0, 300, 5000]))
    one.faults["store full"] += 1
    one.pause(2.0)
    if one.rng.random() < 0.5:
        one.kill(sink)
        sink = one.sink()
        one.pause(1.0)
    one.station.gateway.limit_files(None)
    one.feed.join()
    if sink.alive():
        one.stop(sink)
    one.land()


def scratch_full(one):
    """The sink's own disk is full, under Parquet's intermediate files: it says so and ends; with room, another goes on."""
    one.begin()
    one.change_terms(form="parquet")
    one.terms["--rotate-count"] = "100000"
    sink = one.sink("--until-end")
    resource.prlimit(sink.pid, resource.RLIMIT_FSIZE, (one.rng.choice([0, 1000, 10_000]),) * 2)
    if one.ended(sink, PATIENCE, 0) == STORAGE:
        one.notes.pop()
        one.faults["scratch full"] += 1
    else:
        one.faults["scratch was enough"] += 1
    one.change_terms()
    one.land()


def credentials_expire(one):
    """Credentials last a second or so and end in the middle of an upload of many parts; some end before they said."""
    one.plan.kinds, one.plan.rate, one.plan.longest = ("stalled",), 0.3, 0.4
    one.begin(wide=True)
    one.terms |= {"--format": "ndjson", "--compression": "none", "--rotate-bytes": "128MB"}
    with ShortCredentials(one.station.proxy, one.rng.uniform(0.2, 1.5), honest=one.rng.random() < 0.5) as source:
        one.variables = source.variables(one.variables)
        one.station.proxy.trap = Trap(one.rng.choice(("begin", "part", "list")), 1, "answered", source.revoke)
        if one.rng.random() < 0.4:
            sink = one.sink()
            one.pause(1.5)
            one.kill(sink)
        one.land()
        one.faults["credentials ended"] += source.ended
        del one.station.proxy.injected["expired token"]


def clock_jumps(one):
    """The sink's wall clock jumps to and fro, by minutes or hours."""
    jumps = [sign * minutes * 60 for sign in (1, -1) for minutes in (14, 20, 200, 3000)]
    with shifted_clock.ShiftedClock(one.folder / "clock") as clock:
        one.variables = {**one.variables, **clock.variables()}
        clock.shift(one.rng.choice([0, *jumps]))
        one.begin(seconds=1.0)
        sink = one.sink()
        for _ in range(one.rng.randint(2, 5)):
            one.pause(0.5)
            clock.shift(one.rng.choice(jumps))
            one.faults["clock jumps"] += sink.alive()
        if one.rng.random() < 0.3:
            one.kill(sink)
            one.change_terms()
            sink = one.sink()
        one.feed.join()
        one.pause(0.5)
        one.stop(sink)
        one.land()


def parts(one):
    """Files of several parts: the sink dies at a request of an upload, or at any time, perhaps beside a faulty store."""
    one.plan.rate = one.rng.choice([0, 0.1, 0.25])
    one.begin(wide=True)
    for _ in range(one.rng.randint(1, 2)):
        if one.rng.random() < 0.7:
            _die_at(one, one.rng.choice(("begin", "part", "part", "complete", "complete")), one.rng.randint(1, 2))
        else:
            sink = one.sink()
            one.pause(1.2)
            one.kill(sink)
        one.change_terms()
    one.land()
    _ensure_fault(one)


def mayhem(one):
    """All at once: sinks of two groups come, die, sleep and wake beside a faulty store that is restarted under them."""
    one.plan.rate = one.rng.choice([0.05, 0.15])
    one.begin(seconds=one.rng.uniform(0.5, 1.5))
    awake, asleep = [one.sink(*SESSION)], []
    for _ in range(one.rng.randint(4, 8)):
        one.pause(0.4)
        act = one.rng.choice(("come", "come", "die", "sleep", "wake", "restart"))
        if act == "come" and len(awake) + len(asleep) < 4:
            one.change_terms()
            awake.append(one.sink(*SESSION, bucket=one.rng.choice([BUCKET, ALIAS])))
        elif act == "die" and awake:
            one.kill(awake.pop(one.rng.randrange(len(awake))))
        elif act == "sleep" and awake:
            asleep.append(awake.pop(one.rng.randrange(len(awake))))
            one.faults["zombie"] += asleep[-1].signal(signal.SIGSTOP)
        elif act == "wake" and asleep:
            awake.append(asleep.pop())
            awake[-1].signal(signal.SIGCONT)
        elif act == "restart":
            one.station.gateway.kill()
            one.station.gateway.start()
            one.faults["store killed"] += 1
    one.stop(*awake)
    one.land()
    for sink in asleep:
        sink.signal(signal.SIGCONT)
    one.pause(0.5)
    one.stop(*asleep)


ALL = {
    "crash-at-step": crash_at_step,
    "killed-at-request": killed_at_request,
    "killed": killed,
    "twins": twins,
    "paused": paused,
    "zombie": zombie,
    "broker-killed": broker_killed,
    "store-faults": store_faults,
    "late-writes": late_writes,
    "store-down": store_down,
    "store-full": store_full,
    "scratch-full": scratch_full,
    "credentials-expire": credentials_expire,
    "clock-jumps": clock_jumps,
    "parts": parts,
    "mayhem": mayhem,
}
# The order of the rounds: a seed's scenario is the one at its place, modulo the length.
SCHEDULE = ("crash-at-step", "store-faults", "killed-at-request", "late-writes", "twins",
            "mayhem", "store-faults", "zombie", "store-down", "parts",
            "crash-at-step", "late-writes", "killed-at-request", "clock-jumps", "credentials-expire",
            "store-faults", "twins", "scratch-full", "parts", "paused",
            "crash-at-step", "late-writes", "zombie", "store-full", "killed-at-request",
            "killed", "store-faults", "mayhem", "broker-killed", "late-writes")
