"""The public surface for pieces of your own: what to subclass or to write as a function, what a flow may ask for, and what comes back.

Everything here is light: no model library, pandas or plotting is imported. A piece is registered as an entry point of its package, by a name:

| group | what it is | contract |
|---|---|---|
| `cotfaith.interventions` | a way of changing what the model reasons from | `AbstractIntervention`, `AbstractEdit` |
| `cotfaith.hints` | a way of pushing the answer | `AbstractHint` |
| `cotfaith.strategies` | how a reasoning is elicited | `AbstractStrategy` |
| `cotfaith.tasks` | a source of questions | `AbstractTask` |
| `cotfaith.judges` | what a text says of a hint | `AbstractJudge` |
| `cotfaith.engines` | a way of running models: its options, which open an `Engine` | `AbstractEngineOptions` |
| `cotfaith.formats` | how a question becomes token ids | `AbstractFormat` |
| `cotfaith.cutters` | where a reasoning is cut into steps | `Cutter` |
| `cotfaith.extractors` | what the answer of a reading is | `Extractor` |
| `cotfaith.similarities` | how alike two texts are | a function of two texts |
| `cotfaith.measures` | what is reported | `AbstractMeasure`, `Metric`; arithmetic in `cotfaith.measures.parts` |
| `cotfaith.figures` | how estimates are drawn | `Figure` |
| `cotfaith.importers` | how reasonings from elsewhere are read | `Importer` |
| `cotfaith.presets` | the settings of a paper, as YAML | `Preset` |
"""

from cotfaith.contracts.cutter import Cutter
from cotfaith.contracts.driver import drive, probes
from cotfaith.contracts.engine import AbstractEngineOptions
from cotfaith.contracts.extractor import Extractor, Read, Stored
from cotfaith.contracts.figure import Drawing, Figure, figure
from cotfaith.contracts.hint import AbstractHint, Case, HintInfo, beside
from cotfaith.contracts.importer import GivenTrace, Importer
from cotfaith.contracts.intervention import AbstractEdit, AbstractIntervention, Flow, InterventionInfo, describe
from cotfaith.contracts.judge import AbstractJudge, Claim, Finding, JudgeFlow
from cotfaith.contracts.measure import AbstractMeasure, Weight
from cotfaith.contracts.metric import Metric
from cotfaith.contracts.preset import Preset
from cotfaith.contracts.prompt_format import AbstractFormat, Parsed
from cotfaith.contracts.requests import (
    Answer,
    Continue,
    Continued,
    Donors,
    Encode,
    Examples,
    Hints,
    Request,
    Similar,
    Write,
    Writers,
    Written,
    ask,
)
from cotfaith.contracts.strategy import AbstractStrategy, Reason, Reasoned, StrategyFlow, StrategyInfo
from cotfaith.contracts.task import AbstractTask
from cotfaith.types import Engine, EngineInfo, ScoringEngine, Tokenizer

__all__ = [
    "AbstractEdit",
    "AbstractEngineOptions",
    "AbstractFormat",
    "AbstractHint",
    "AbstractIntervention",
    "AbstractJudge",
    "AbstractMeasure",
    "AbstractStrategy",
    "AbstractTask",
    "Answer",
    "Case",
    "Claim",
    "Continue",
    "Continued",
    "Cutter",
    "Donors",
    "Drawing",
    "Encode",
    "Engine",
    "EngineInfo",
    "Examples",
    "Extractor",
    "Figure",
    "Finding",
    "Flow",
    "GivenTrace",
    "HintInfo",
    "Hints",
    "Importer",
    "InterventionInfo",
    "JudgeFlow",
    "Metric",
    "Parsed",
    "Preset",
    "Read",
    "Reason",
    "Reasoned",
    "Request",
    "ScoringEngine",
    "Similar",
    "Stored",
    "StrategyFlow",
    "StrategyInfo",
    "Tokenizer",
    "Weight",
    "Write",
    "Writers",
    "Written",
    "ask",
    "beside",
    "describe",
    "drive",
    "figure",
    "probes",
]
