"""Run every benchmark and print one JSON line each."""

import json
import os

from benchmarks import imports, pages

if __name__ == "__main__":
    print(json.dumps({"cores": os.cpu_count()}))
    for benchmark in (pages, imports):
        print(json.dumps(benchmark.run(), ensure_ascii=False))
