#!/usr/bin/env python3
"""FAISS and hnswlib as peers of IndexPeers, on one thread.

Usage: peers.py base.f32 queries.f32 dimension k PEER rounds truth.i32 [ef or nprobe...]

PEER is faiss (IndexFlatL2, one query at a time, then all at once), faiss-batch (only these),
faiss-hnsw (IndexHNSWFlat, 32 links, efConstruction 200), faiss-ivf (IndexIVFFlat, 4 * sqrt(n) lists)
or hnswlib (M 16, efConstruction 200). faiss-cpu, hnswlib and numpy come from pip.

Prints one line a measurement:
  name <tab> build seconds <tab> median of the rounds <tab> quiet time <tab> recall
Times are microseconds a query. The quiet time is the mean over the queries of the least time of each
over the rounds: on a machine that others use too it leaves out the time that they took. Names end in
", ef N" where a peer is measured at several settings. A graph is kept beside the vectors, with the
seconds of its build.
"""
import importlib.metadata
import math
import pathlib
import sys
import time

import numpy as np


def measure(name, build, search, queries, truth, rounds):
    times = np.zeros((rounds, len(truth)))
    found = [None] * len(truth)
    for r in range(rounds):
        for q in range(len(truth)):
            start = time.perf_counter_ns()
            found[q] = search(queries[q : q + 1])
            times[r, q] = (time.perf_counter_ns() - start) / 1e3
    show(name, build, np.median(times.mean(axis=1)), times.min(axis=0).mean(), found, truth)


def show(name, build, median, quiet, found, truth):
    right = sum(len(set(f.ravel().tolist()) & set(t.tolist())) for f, t in zip(found, truth))
    print(f"{name}\t{build:.3f}\t{median:.2f}\t{quiet:.2f}\t{right / truth.size:.4f}", flush=True)


def kept(file, make, save, load):
    """The index and the seconds that it took to build, also if that was an earlier run."""
    seconds = file.with_name(file.name + ".seconds")
    if seconds.exists():
        return load(str(file)), float(seconds.read_text())
    start = time.perf_counter()
    index = make()
    build = time.perf_counter() - start
    save(index, str(file))
    seconds.write_text(str(build))
    return index, build


def faiss_flat(base, queries, k, truth, rounds, alone):
    import faiss

    start = time.perf_counter()
    index = faiss.IndexFlatL2(base.shape[1])
    index.add(base)
    build = time.perf_counter() - start
    name = f"FAISS {faiss.__version__} IndexFlatL2"
    if alone:
        measure(name, build, lambda q: index.search(q, k)[1], queries, truth, rounds)
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        found = index.search(queries, k)[1]
        times.append((time.perf_counter() - start) * 1e6 / len(queries))
    batch = f"{name}, batch of {len(queries)}"
    show(batch, build, np.median(times), min(times), found[: len(truth)], truth)


def faiss_hnsw(file, base, queries, k, truth, rounds, settings):
    import faiss

    def make():
        index = faiss.IndexHNSWFlat(base.shape[1], 32)
        index.hnsw.efConstruction = 200
        index.add(base)
        return index

    path = pathlib.Path(file + ".faiss-hnsw")
    index, build = kept(path, make, faiss.write_index, faiss.read_index)
    for ef in settings:
        index.hnsw.efSearch = ef
        name = f"FAISS {faiss.__version__} HNSW32, ef {ef}"
        measure(name, build, lambda q: index.search(q, k)[1], queries, truth, rounds)


def faiss_ivf(base, queries, k, truth, rounds, settings):
    import faiss

    start = time.perf_counter()
    lists = int(4 * math.sqrt(len(base)))
    quantizer = faiss.IndexFlatL2(base.shape[1])
    index = faiss.IndexIVFFlat(quantizer, base.shape[1], lists)
    index.train(base)
    index.add(base)
    build = time.perf_counter() - start
    for probe in settings:
        index.nprobe = probe
        name = f"FAISS {faiss.__version__} IVF{lists}, ef {probe}"
        measure(name, build, lambda q: index.search(q, k)[1], queries, truth, rounds)


def hnswlib_graph(file, base, queries, k, truth, rounds, settings):
    import hnswlib

    def make():
        index = hnswlib.Index("l2", base.shape[1])
        index.init_index(len(base), M=16, ef_construction=200)
        index.set_num_threads(1)
        index.add_items(base)
        return index

    def load(path):
        index = hnswlib.Index("l2", base.shape[1])
        index.load_index(path)
        return index

    path = pathlib.Path(file + ".hnswlib")
    index, build = kept(path, make, lambda i, to: i.save_index(to), load)
    index.set_num_threads(1)
    for ef in settings:
        index.set_ef(ef)
        name = f"hnswlib {importlib.metadata.version('hnswlib')}, ef {ef}"
        measure(name, build, lambda q: index.knn_query(q, k)[0], queries, truth, rounds)


def main():
    file, query_file, dimension, k, peer, rounds, truth_file = sys.argv[1:8]
    settings = [int(s) for s in sys.argv[8:]]
    base = np.fromfile(file, "<f4").reshape(-1, int(dimension))
    queries = np.fromfile(query_file, "<f4").reshape(-1, int(dimension))
    k, rounds = int(k), int(rounds)
    truth = np.fromfile(truth_file, "<i4").reshape(-1, k)
    if peer.startswith("faiss"):
        import faiss

        faiss.omp_set_num_threads(1)
    if peer in ("faiss", "faiss-batch"):
        faiss_flat(base, queries, k, truth, rounds, peer == "faiss")
    elif peer == "faiss-hnsw":
        faiss_hnsw(file, base, queries, k, truth, rounds, settings)
    elif peer == "faiss-ivf":
        faiss_ivf(base, queries, k, truth, rounds, settings)
    elif peer == "hnswlib":
        hnswlib_graph(file, base, queries, k, truth, rounds, settings)
    else:
        sys.exit(f"faiss, faiss-batch, faiss-hnsw, faiss-ivf or hnswlib, but is: {peer}")


main()
