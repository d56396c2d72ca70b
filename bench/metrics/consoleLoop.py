"""Reads a console log of verl as people do in a notebook: a loop over the lines with regular expressions.

Prints one JSON line: seconds, number of values.
"""

import json
import re
import sys
import time

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
STEP = re.compile(r"step:(\d+) - (.*)")
VALUE = re.compile(r"^(?:np\.\w+\()?([-+.\deE]+|nan|-?inf)\)?$")


def main(path):
    start = time.perf_counter()
    curves = {}
    count = 0
    with open(path, encoding="utf-8", errors="replace") as log:
        for line in log:
            found = STEP.search(COLOUR.sub("", line))
            if not found:
                continue
            step = int(found.group(1))
            for piece in found.group(2).split(" - "):
                key, _, text = piece.rpartition(":")
                value = VALUE.match(text)
                if value:
                    curves.setdefault(key, []).append((step, float(value.group(1))))
                    count += 1
    print(json.dumps({"seconds": time.perf_counter() - start, "values": count}))


main(sys.argv[1])
