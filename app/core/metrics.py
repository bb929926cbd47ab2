"""Figures for Prometheus; with several worker processes they are summed through PROMETHEUS_MULTIPROC_DIR."""

from __future__ import annotations

import os

from prometheus_client import REGISTRY as DEFAULT_REGISTRY
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, multiprocess

REQUESTS = Counter("guildhall_requests", "Requests answered", ["method", "endpoint", "status"])
SECONDS = Histogram(
    "guildhall_request_seconds",
    "Time to answer",
    ["endpoint"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
STREAMS = Gauge("guildhall_live_streams", "Open pages that listen", multiprocess_mode="livesum")

# Anybody can invent methods; each new label would stay in memory for ever.
METHODS = {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"}


def observe(method: str, endpoint: str, status: int, seconds: float) -> None:
    REQUESTS.labels(method if method in METHODS else "other", endpoint, str(status)).inc()
    SECONDS.labels(endpoint).observe(seconds)


def exposition() -> bytes:
    """The figures of all worker processes, in Prometheus' text format."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(DEFAULT_REGISTRY)
    everything = CollectorRegistry()
    multiprocess.MultiProcessCollector(everything)
    return generate_latest(everything)
