"""Rounds side by side: they wait most of the time, each for servers and processes of its own."""
import multiprocessing
import queue as queue_module
import signal
import sys


def deal(tasks, jobs, work):
    """Deals TASKS out to workers, which are processes, and yields what comes of them as it comes.

    WORK(number, tasks) is one worker: it yields a result for each of its tasks.
    """
    tasks, context = list(tasks), multiprocessing.get_context("fork")
    queue, results = context.Queue(), context.Queue()
    for task in [*tasks, *[None] * jobs]:
        queue.put(task)
    workers = [context.Process(target=_run, args=(work, number, queue, results)) for number in range(jobs)]
    working, left = jobs, len(tasks)
    try:
        for worker in workers:
            worker.start()
        while working:
            try:
                result = results.get(timeout=5)
            except queue_module.Empty:
                if any(worker.is_alive() for worker in workers):
                    continue
                break  # killed, they said nothing
            if result is None:
                working -= 1
            else:
                left -= 1
                yield result
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.join()
    if left:
        raise RuntimeError(f"{left} rounds were not run to their end: a worker failed")


def _run(work, number, queue, results):
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that its servers are ended
    try:
        for result in work(number, iter(queue.get, None)):
            results.put(result)
    finally:
        results.put(None)
