"""The public surface for your own pieces: classes to subclass, functions to write, and the requests and replies of flows.

Everything here is light: it imports no model library, pandas or plotting. A package registers a piece as an entry point, under a
name:

| group | what it is | contract |
|---|---|---|
| `cotfaith.interventions` | a way of changing what the model reasons from | `AbstractIntervention`, `AbstractEdit` |
| `cotfaith.hints` | a way of pushing the answer | `AbstractHint` |
| `cotfaith.strategies` | how reasoning is elicited | `AbstractStrategy` |
| `cotfaith.tasks` | a source of questions | `AbstractTask` |
| `cotfaith.judges` | whether a text acknowledges a hint or a mistake | `AbstractJudge` |
| `cotfaith.engines` | a way of running models: options that open an `Engine` | `AbstractEngineOptions` |
| `cotfaith.formats` | how a question becomes token ids | `AbstractFormat` |
| `cotfaith.cutters` | where reasoning is cut into steps | `Cutter` |
| `cotfaith.extractors` | how an answer is extracted from a reading | `Extractor` |
| `cotfaith.similarities` | how similar two texts are | a function of two texts |
| `cotfaith.measures` | what is reported | `AbstractMeasure`, `Metric`; arithmetic in `cotfaith.measures.parts` |
| `cotfaith.figures` | how estimates are drawn | `Figure` |
| `cotfaith.figure_sets` | the figures and tables of a paper | `FigureSet` |
| `cotfaith.importers` | how existing reasoning traces are read | `Importer` |
| `cotfaith.presets` | the settings of a paper, as YAML | `Preset` |
"""

from cotfaith.contracts.cutter import Cutter
from cotfaith.contracts.driver import drive, probes
from cotfaith.contracts.engine import AbstractEngineOptions
from cotfaith.contracts.extractor import Extractor, Read, Stored
from cotfaith.contracts.figure import Drawing, Figure, figure
from cotfaith.contracts.figure_set import FigureSet, Material, Part, Sheet
from cotfaith.contracts.hint import AbstractHint, Case, HintInfo, beside
from cotfaith.contracts.importer import GivenTrace, Importer
from cotfaith.contracts.intervention import AbstractEdit, AbstractIntervention, Flow, InterventionInfo, describe
from cotfaith.contracts.judge import AbstractJudge, Acknowledged, Claim, Finding, JudgeFlow
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
    "Acknowledged",
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
    "FigureSet",
    "Finding",
    "Flow",
    "GivenTrace",
    "HintInfo",
    "Hints",
    "Importer",
    "InterventionInfo",
    "JudgeFlow",
    "Material",
    "Metric",
    "Parsed",
    "Part",
    "Preset",
    "Read",
    "Reason",
    "Reasoned",
    "Request",
    "ScoringEngine",
    "Sheet",
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
