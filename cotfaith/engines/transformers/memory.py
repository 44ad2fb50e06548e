"""Detect that memory ran out on any device, and release cached memory."""

import gc

import torch


def is_out_of_memory(error: BaseException) -> bool:
    """Whether `error` means that a device or the host is out of memory."""
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    text = str(error).lower()
    return isinstance(error, RuntimeError) and ("can't allocate memory" in text or "out of memory" in text)


def release() -> None:
    """Release cached memory after the tensors of a failed pass are freed."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
