"""A paired bootstrap over the examples of several tasks, mean and deviation, computed by NumPy and SciPy.

Writes bootstrap.json into ../resources/golden.
"""

import json
from pathlib import Path

import numpy as np
from scipy import stats

OUT = Path(__file__).resolve().parent.parent / "resources" / "golden" / "bootstrap.json"
RESAMPLES = 199
EXAMPLES = (7, 12, 3)


def paired(random):
    """Two methods on three tasks of unequal size, and which examples each resample draws."""
    first = [random.random(n) for n in EXAMPLES]
    second = [np.clip(scores - 0.05 + 0.2 * random.standard_normal(len(scores)), 0, 1) for scores in first]
    draws = [random.integers(0, n, size=(RESAMPLES, n)) for n in EXAMPLES]
    differences = np.mean([(a - b)[d].mean(axis=1) for a, b, d in zip(first, second, draws)], axis=0)
    tail = min((differences <= 0).sum(), (differences >= 0).sum())
    return {
        "first": [scores.tolist() for scores in first],
        "second": [scores.tolist() for scores in second],
        "draws": [d.tolist() for d in draws],
        "difference": float(np.mean([(a - b).mean() for a, b in zip(first, second)])),
        "low": float(np.percentile(differences, 2.5)),
        "high": float(np.percentile(differences, 97.5)),
        "p": float(min(1.0, 2 * (1 + tail) / (1 + RESAMPLES))),
    }


def by_scipy(random):
    """One task of many examples: SciPy draws other resamples, so it agrees up to their number."""
    first = (random.random(400) < 0.62).astype(float)
    second = np.where(random.random(400) < 0.8, first, (random.random(400) < 0.5).astype(float))
    found = stats.bootstrap((first - second,), np.mean, n_resamples=20_000, method="percentile", random_state=8295)
    return {
        "first": first.tolist(),
        "second": second.tolist(),
        "low": float(found.confidence_interval.low),
        "high": float(found.confidence_interval.high),
    }


def main():
    random = np.random.default_rng(8295)
    values = random.normal(60, 4, size=5).tolist()
    spread = {"values": values, "mean": float(np.mean(values)), "deviation": float(np.std(values, ddof=1))}
    OUT.write_text(json.dumps({"paired": paired(random), "scipy": by_scipy(random), "spread": spread}) + "\n")


if __name__ == "__main__":
    main()
