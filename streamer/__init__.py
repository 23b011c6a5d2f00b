"""Live captions and minutes for Mandarin meetings."""

import os

__version__ = "0.1.0"

# From 1.32 on ONNX Runtime sends its maker what runs here, program and models, unless told before it is first imported.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
