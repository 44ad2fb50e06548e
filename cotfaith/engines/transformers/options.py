"""What a user may set about the transformers engine. Light: torch and transformers are imported when a model is opened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from cotfaith.contracts.engine import AbstractEngineOptions
from cotfaith.engines.shared import aliases
from cotfaith.types import Engine, Prompting

Tokens = Annotated[int, Field(ge=1)]


@dataclass(frozen=True)
class TransformersOptions(AbstractEngineOptions):
    """The options of the transformers engine; a number of tokens that is None follows from the device.

    Attributes:
        revision: the hub revision; for a model that is already loaded, the name of its state.
        dtype: number type of weights and activations; "auto" is float32 on a CPU and bfloat16 on a GPU.
        device: where the model is; "auto" is the GPU if there is one. Without effect where `device_map` is given.
        device_map: accelerate's placement over several devices ("auto", ...).
        trust_remote_code: whether code that comes with the checkpoint may run.
        attention: attention kernel ("sdpa", "eager", ...); empty for the fastest that takes a mask, sdpa if the model has it.
        batch_tokens: rows times (prompt + new tokens) of one batch of `generate`.
        score_tokens: tokens of one masked pass over a tree, in which branches and short traces lie side by side.
        prefill_chunk: tokens of one pass over a single text.
        pack_tokens: tokens of a trace with its branches that counts as short.
    """

    name: ClassVar[str] = "hf"
    summary: ClassVar[str] = "any causal model of transformers, in this process, on CPU or GPU"

    revision: str = ""
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    device: str = "auto"
    device_map: str = ""
    trust_remote_code: bool = False
    attention: str = ""
    batch_tokens: Tokens | None = None
    score_tokens: Tokens | None = None
    prefill_chunk: Tokens | None = None
    pack_tokens: Tokens | None = None

    def check(self, model: str) -> None:
        """Refuse a folder that does not exist."""
        aliases.check_folder(model)

    def at_hand(self, model: str) -> Prompting | None:
        """The tokenizer of `model`, if it is a local folder or in the local cache."""
        from cotfaith.engines.shared.at_hand import at_hand  # noqa: PLC0415  transformers is heavy

        return at_hand(model, self.revision or None, trust_remote_code=self.trust_remote_code)

    def source(self, model: str) -> str:
        """The content key of a local folder, or the commit in the cache of the hub."""
        from cotfaith.engines.shared import checkpoint  # noqa: PLC0415  not where engines are listed

        return checkpoint.source(model, self.revision or None)

    def open(self, model: str) -> Engine:
        """The model, loaded by transformers."""
        from cotfaith.engines.transformers.engine import TransformersEngine  # noqa: PLC0415  heavy, and only with this engine

        return TransformersEngine(model, self)
