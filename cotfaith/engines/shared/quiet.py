"""Silence transformers during calls from cotfaith, which reports what matters itself."""

from __future__ import annotations

import logging as levels
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import huggingface_hub
from transformers.utils import logging


@contextmanager
def quiet() -> Iterator[None]:
    """Suppress progress bars, log lines below errors, and warnings of transformers and the hub client inside the context."""
    level, hub_level, bars = logging.get_verbosity(), huggingface_hub.logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    huggingface_hub.logging.set_verbosity(levels.ERROR)
    logging.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.set_verbosity(level)
        huggingface_hub.logging.set_verbosity(hub_level)
        if bars:
            logging.enable_progress_bar()
