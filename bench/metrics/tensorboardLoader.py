"""Reads an event file with TensorBoard's own Python loader, checksums included, and keeps every scalar.

Prints one JSON line: seconds, number of scalars.
"""

import json
import sys
import time

from tensorboard.backend.event_processing import event_file_loader


def main(path):
    start = time.perf_counter()
    curves = {}
    count = 0
    for event in event_file_loader.EventFileLoader(path).Load():
        for value in event.summary.value:
            # The loader has turned simple values into tensors of one float.
            number = value.tensor.float_val[0]
            curves.setdefault(value.tag, []).append((event.step, event.wall_time, number))
            count += 1
    print(json.dumps({"seconds": time.perf_counter() - start, "values": count}))


main(sys.argv[1])
