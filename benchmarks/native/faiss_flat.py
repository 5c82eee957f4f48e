"""Times IndexFlatL2 of the Python package faiss-cpu, which chooses AVX2 or AVX-512 at run time
(Debian's library is compiled for any processor). Arguments and output are those of peers.cpp:

    faiss_flat.py base.f32 queries.f32 dimension k rounds truth.i32
"""
import sys
import time

import faiss
import numpy as np

base, queries, d, k, rounds, truth = sys.argv[1:7]
d, k, rounds = int(d), int(k), int(rounds)
faiss.omp_set_num_threads(1)
base = np.fromfile(base, "<f4").reshape(-1, d)
queries = np.fromfile(queries, "<f4").reshape(-1, d)
truth = np.fromfile(truth, "<i4").reshape(-1, k)
start = time.perf_counter()
index = faiss.IndexFlatL2(d)
index.add(base)
build = time.perf_counter() - start
times = np.zeros((rounds, len(truth)))
right = 0
for r in range(rounds):
    for q in range(len(truth)):
        start = time.perf_counter()
        _, ids = index.search(queries[q : q + 1], k)
        times[r, q] = time.perf_counter() - start
        if r == 0:
            right += len(np.intersect1d(ids[0], truth[q])) / k
name = f"faiss-cpu {faiss.__version__} IndexFlatL2"
median = np.median(times.mean(axis=1)) * 1e6
quiet = times.min(axis=0).mean() * 1e6
print(f"{name}\t{build:.3f}\t{median:.2f}\t{quiet:.2f}\t{right / len(truth):.4f}", flush=True)
batch = []
for r in range(rounds):
    start = time.perf_counter()
    index.search(queries, k)
    batch.append((time.perf_counter() - start) / len(queries) * 1e6)
print(f"{name}, batch of {len(queries)}\t{build:.3f}\t{np.median(batch):.2f}\t{min(batch):.2f}\t1")
