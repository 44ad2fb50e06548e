"""Decoding of a batch: by the `generate` of transformers, or with every token computed again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from transformers import GenerationConfig, LogitsProcessorList, StoppingCriteriaList

from cotfaith.engines.transformers.forward import Forward
from cotfaith.engines.transformers.head import in_float32

Ids = tuple[int, ...]
Processor = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
Criterion = Callable[..., torch.Tensor]


def decode(forward: Forward, prompts: Sequence[Ids], choose: Processor, ended: Criterion, size: int, *, cache: Any = None) -> None:
    """Continue `prompts` together, padded on the left, by up to `size` tokens.

    Args:
        forward: the model.
        prompts: the ids of each row.
        choose: gets the ids and the next-token logits (rows, vocabulary). The largest of the scores it returns is the next token.
        ended: gets the ids after each token, and returns which rows have ended.
        size: the most new tokens of a row.
        cache: the state after all but the last token of each prompt, padded on the left; None to compute the prompts.
    """
    device, model = forward.device, forward.model
    width = max(len(ids) for ids in prompts)
    ids = torch.zeros(len(prompts), width, dtype=torch.long, device=device)
    mask = torch.zeros_like(ids)
    for i, row in enumerate(prompts):
        ids[i, width - len(row) :] = torch.tensor(row, device=device)
        mask[i, width - len(row) :] = 1
    # The checkpoint's own settings (temperature, penalties, forced tokens) would fill unset arguments, so they are removed.
    own, model.generation_config = model.generation_config, GenerationConfig()
    config = GenerationConfig(do_sample=False, max_new_tokens=size, pad_token_id=0, use_cache=True)
    try:
        with in_float32(model):
            model.generate(
                input_ids=ids,
                attention_mask=mask,
                generation_config=config,
                logits_processor=LogitsProcessorList([choose]),
                stopping_criteria=StoppingCriteriaList([ended]),
                **({} if cache is None else {"past_key_values": cache}),
            )
    finally:
        model.generation_config = own


def recompute(forward: Forward, prompt: Ids, choose: Processor, ended: Criterion, size: int) -> None:
    """Continue one prompt as `decode` does, but with a plain pass over the whole text for each token."""
    text = list(prompt)
    for _ in range(size):
        logits, _ = forward(text, [len(text) - 1], use_cache=False)
        ids = torch.tensor([text], device=logits.device)
        text.append(int(choose(ids, logits.float())[0].argmax()))
        if bool(ended(torch.tensor([text], device=logits.device), None).all()):
            return
