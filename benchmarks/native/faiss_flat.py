"""Processor time of FAISS's flat scan on one thread, one query at a time and 2,000 at once.

pip install faiss-cpu numpy
python3 faiss_flat.py GALLERY.f32 QUERIES.f32 DIMENSION

The files are those that SearchCpuTime writes.
"""

import sys
import time

import faiss
import numpy as np

gallery_file, query_file, dimension = sys.argv[1], sys.argv[2], int(sys.argv[3])
gallery = np.fromfile(gallery_file, "<f4").reshape(-1, dimension)
queries = np.fromfile(query_file, "<f4").reshape(-1, dimension)
many = np.tile(queries, (2000 // len(queries) + 1, 1))[:2000]
faiss.omp_set_num_threads(1)
index = faiss.IndexFlatL2(dimension)
index.add(gallery)
single, batch = [], []
for _ in range(5):
    start = time.thread_time()
    for i in range(100):
        index.search(queries[i : i + 1], 10)
    single.append((time.thread_time() - start) / 100)
    start = time.thread_time()
    index.search(many, 10)
    batch.append((time.thread_time() - start) / len(many))
print(
    f"FAISS {faiss.__version__} flat, {len(gallery)} of {dimension}: one at a time"
    f" {np.median(single) * 1e6:.0f} us (least {min(single) * 1e6:.0f}),"
    f" in a batch {np.median(batch) * 1e6:.0f} ({min(batch) * 1e6:.0f})"
)
