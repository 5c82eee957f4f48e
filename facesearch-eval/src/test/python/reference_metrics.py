#!/usr/bin/env python3
"""Writes reference-metrics.json: synthetic faces with the metrics that numpy and scikit-learn give.

An independent computation of what RetrievalEvaluation and VerificationEvaluation compute; it shares
no code with them. Run it again with:

    python3 src/test/python/reference_metrics.py src/test/resources/io/facesearch/eval/reference-metrics.json
"""
import json
import sys

import numpy as np
from scipy.stats import beta
from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve

rng = np.random.default_rng(7)
PEOPLE, PHOTOS, DIMENSION, ATTRIBUTES = 30, 5, 8, 40
centres = rng.normal(size=(PEOPLE, DIMENSION))
identity = np.repeat(np.arange(PEOPLE), PHOTOS)
vectors = (centres[identity] + 0.7 * rng.normal(size=(len(identity), DIMENSION))).round(3)
vectors = vectors.astype(np.float32)
base = rng.random((PEOPLE, ATTRIBUTES)) < 0.4
attributes = base[identity] ^ (rng.random((len(identity), ATTRIBUTES)) < 0.15)
query = np.arange(0, len(identity), PHOTOS)
gallery = np.setdiff1d(np.arange(len(identity)), query)

distance = np.linalg.norm(
    vectors[query][:, None].astype(np.float64) - vectors[gallery][None].astype(np.float64), axis=2)
order = np.argsort(distance, axis=1, kind="stable")
relevant = identity[gallery][order] == identity[query][:, None]
counts = relevant.sum(axis=1)
signs = np.where(attributes, 1, -1)

retrieval = {"k": []}
for k in (1, 5, 10, 20, 50):
    top = order[:, :k]
    difference = np.abs(signs[query][:, None] - signs[gallery][top])
    retrieval["k"].append({
        "k": k,
        "accuracy": float((difference == 0).mean()),
        "distance": float(difference.mean(axis=2).mean()),
        "recall": float((relevant[:, :k].sum(axis=1) / counts).mean()),
        "precision": float(relevant[:, :k].mean()),
        "cmc": float(relevant[:, :k].any(axis=1).mean()),
    })
retrieval["map"] = float(np.mean([
    average_precision_score(relevant[q], -np.arange(relevant.shape[1]))
    for q in range(len(query))]))
retrieval["rPrecision"] = float(np.mean(
    [relevant[q, :counts[q]].mean() for q in range(len(query))]))
retrieval["mrr"] = float(np.mean(1 / (relevant.argmax(axis=1) + 1)))

# Verification: all pairs of one person, 600 of two.
first, second = np.triu_indices(len(identity), 1)
same = identity[first] == identity[second]
keep = same | (rng.random(len(first)) < 600 / (~same).sum())
first, second, same = first[keep], second[keep], same[keep]
d = np.linalg.norm(vectors[first].astype(np.float64) - vectors[second].astype(np.float64), axis=1)
far, tar, _ = roc_curve(same, -d, drop_intermediate=False)
verification = {
    "pairs": [[int(a), int(b)] for a, b in zip(first, second)],
    "rocArea": float(roc_auc_score(same, -d)),
    "atFar": [],
}
cross = np.argmax(far >= 1 - tar)
a = (1 - tar[cross - 1]) - far[cross - 1]
b = (1 - tar[cross]) - far[cross]
verification["eer"] = float(
    far[cross - 1] + a / (a - b) * (far[cross] - far[cross - 1]) if a != b else far[cross])
impostor = np.sort(d[~same])
for rate in (0.1, 0.05, 0.01):
    accepted = int(np.floor(rate * len(impostor)))
    threshold = np.nextafter(impostor[accepted], 0)
    verification["atFar"].append({
        "rate": rate,
        "threshold": float(threshold),
        "tar": float((d[same] <= threshold).mean()),
        "far": float((impostor <= threshold).mean()),
    })
intervals = [{
    "hits": h, "trials": n,
    "low": float(beta.ppf(0.025, h, n - h + 1)) if h else 0.0,
    "high": float(beta.ppf(0.975, h + 1, n - h)) if h < n else 1.0,
} for h, n in ((0, 10), (1, 10), (5, 500), (37, 499), (10, 10))]

with open(sys.argv[1], "w") as out:
    json.dump({
        "identity": [int(i) for i in identity],
        "vectors": [[float(f"{x:.3f}") for x in v] for v in vectors],
        "attributes": ["".join("1" if x else "0" for x in a) for a in attributes],
        "retrieval": retrieval,
        "verification": verification,
        "clopperPearson": intervals,
    }, out, separators=(",", ":"))
    out.write("\n")
