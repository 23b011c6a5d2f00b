"""What the doctor finds, as a person with a Chinese locale reads it."""

from __future__ import annotations

from streamer.doctor.finding import Finding
from streamer.sinks.failures.findings import told_advice, told_found


def told(finding: Finding) -> tuple[str, str]:
    """What is there, and what to do."""
    return told_found(finding.found), told_advice(finding.advice)
