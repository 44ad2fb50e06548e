"""The study: strict, and clear about what is wrong."""

from pathlib import Path

import pytest

from cotfaith.cli.options import pairs, variables
from cotfaith.contracts import intervention, strategy
from cotfaith.errors import CotfaithError, UsageError
from cotfaith.pipeline.open_study import open_study
from cotfaith.plugins import presets
from cotfaith.runs import place
from cotfaith.study import Study, load, make

LEAST = {"model": "scripted/mixed", "task": "addition"}


def test_names_may_be_one_or_several() -> None:
    assert make(LEAST).model == ("scripted/mixed",)
    assert make({**LEAST, "task": ["addition", "tracking"]}).task == ("addition", "tracking")


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"task": "addition"}, "Study names no model: give --model, model= in Python, or the key model in a study file."),
        ({"model": "m"}, "Study names no task: give --task, task= in Python, or the key task in a study file."),
        ({**LEAST, "sampels": 3}, "Unknown key of study 'sampels': did you mean 'samples'?"),
        (
            {**LEAST, "samples": "three"},
            "Study: samples (the number of reasoning traces per question) is 'three': input should be a valid integer.",
        ),
        (
            {**LEAST, "samples": 0},
            "Study: samples (the number of reasoning traces per question) is 0: input should be greater than or equal to 1.",
        ),
        (
            {**LEAST, "channel": {"open": "<think>", "close": " "}},
            "Study: channel.close (the texts that open and close the reasoning channel, for the format thinking) is ' ': string should match pattern '\\S'.",
        ),
        (
            {**LEAST, "channel": {"open": "<think>"}},
            "Study: channel.close (the texts that open and close the reasoning channel, for the format thinking) is {'open': '<think>'}: field required.",
        ),
        (
            {**LEAST, "temperature": 3},
            "Study: temperature (the sampling temperature of the reasoning, 0 for greedy) is 3: input should be less than or equal to 2.",
        ),
        ({**LEAST, "measures": "early_answer"}, "Unknown measure 'early_answer': did you mean 'early_answering'?"),
        (
            {**LEAST, "measures": []},
            "Study: measures (the measures that the run reports) is []: value should have at least 1 item after validation, not 0.",
        ),
        (
            {**LEAST, "engine": {"api_key": "x"}},
            "Study: option api_key looks like a secret, which must not be written to files: set it in the environment.",
        ),
    ],
)
def test_what_is_wrong_is_one_sentence(choices: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        make(choices)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("model: [", "is not YAML"),
        ("- a\n- b\n", "holds list, not keys and values"),
        ("model: m\ntask: t\nsteps: sentence\nsampels: 2\n", "Unknown key of study .*'sampels': did you mean 'samples'"),
        ("model: !!python/object:os.system {}\n", "is not YAML"),
    ],
)
def test_a_bad_file_is_one_sentence(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(text)
    with pytest.raises(UsageError, match=message):
        load(path)


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none.yaml cannot be read: No such file or directory; give the path of a YAML file\."):
        load(tmp_path / "none.yaml")


def test_options_change_a_file(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text("model: scripted/mixed\ntask: addition\nlimit: 5\n")
    assert load(path, {"limit": 7}).limit == 7


def test_a_study_survives_its_own_file() -> None:
    study = make({**LEAST, "interventions": {"filler": {"lengths": [0.5], "kinds": ["dots"]}}, "engine": {"share": 0.3}})
    assert make(study.model_dump(mode="json")) == study


def test_measures_say_which_interventions_run() -> None:
    def specs(**choices: object) -> dict[str, str]:
        return {name: intervention.describe(made) for name, made in make({**LEAST, **choices}).probing().items()}

    assert specs(measures="reasoning_gain") == {"truncation": "truncation(cuts=0, by='step')"}
    assert specs(measures=["reasoning_gain", "early_answering"]) == {"truncation": "truncation(cuts=None, by='step')"}
    assert specs(measures="early_answering", interventions={"truncation": {"cuts": 4}}) == {
        "truncation": "truncation(cuts=4, by='step')"
    }


@pytest.mark.parametrize(
    ("interventions", "message"),
    [
        ({"trunkation": {}}, "Unknown intervention 'trunkation': did you mean 'truncation'"),
        ({"truncation": {"cut": 3}}, "Unknown option of truncation 'cut': did you mean 'cuts'"),
        ({"truncation": {"cuts": "many"}}, "Option 'cuts' of truncation must be"),
    ],
)
def test_a_wrong_intervention_is_one_sentence(interventions: dict[str, object], message: str) -> None:
    with pytest.raises(CotfaithError, match=message):
        make({**LEAST, "measures": "early_answering", "interventions": interventions}).probing()


def test_an_intervention_runs_without_a_measure_that_needs_it() -> None:
    study = make({**LEAST, "measures": "early_answering", "interventions": {"removal": {"sites": 2}}})
    assert [intervention.describe(made) for made in study.probing().values()][1].startswith("removal(sites=2")


def test_a_battery_is_a_papers_settings_under_explicit_choices() -> None:
    study = make({**LEAST, "battery": "lanham2023"})
    assert (study.samples, study.temperature, study.top_p) == (100, 0.8, 0.95)
    assert set(study.probing()) == {"truncation", "mistake", "filler", "paraphrase"}
    changed = make({**LEAST, "battery": "lanham2023", "samples": 2, "interventions": {"mistake": {"sites": 1}}})
    assert changed.samples == 2
    assert intervention.describe(changed.probing()["mistake"]).startswith("mistake(sites=1,")
    assert intervention.describe(changed.probing()["filler"]) == intervention.describe(study.probing()["filler"])
    assert make(changed.model_dump(mode="json")) == changed
    with pytest.raises(UsageError, match=r"Unknown battery 'lanham': did you mean 'lanham2023'\?"):
        make({**LEAST, "battery": "lanham"})


def test_every_battery_is_a_study_that_can_be_opened() -> None:
    for name in presets.names():
        study = make({**LEAST, "battery": name})
        assert set(open_study(study).strategies) == set(study.strategy)
        assert presets.preset(name).differs


def test_a_measure_can_use_more_than_it_requires() -> None:
    def names(**interventions: object) -> set[str]:
        return set(make({**LEAST, "measures": "step_importance", "interventions": interventions}).probing())

    assert names() == {"removal"}
    assert names(resampling={"draws": 3}) == {"removal", "resampling"}


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"strategy": "cott"}, r"Unknown strategy 'cott': did you mean 'cot'\?"),
        ({"strategy_options": {"tokens": 3}}, "Unknown option of cot 'tokens'"),
        (
            {"strategy": ["cot", "budget"], "strategy_options": {"token": 3}},
            r"Unknown option of cot and budget 'token': did you mean 'tokens'\?",
        ),
        ({"similarity": "word"}, r"Unknown similarity 'word': did you mean 'words'\?"),
    ],
)
def test_a_wrong_strategy_is_one_sentence(choices: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        open_study(make({**LEAST, **choices}))


def test_an_option_goes_to_the_strategy_that_has_it() -> None:
    opened = open_study(make({**LEAST, "strategy": ["cot", "budget"], "strategy_options": {"tokens": "40"}}))
    assert {name: strategy.describe(made) for name, made in opened.strategies.items()} == {
        "cot": "cot()",
        "budget": "budget(tokens=40)",
    }


def test_the_directory_follows_what_rows_must_share() -> None:
    study = make(LEAST)
    assert study.directory() == make({**LEAST, "limit": 99, "samples": 7}).directory()
    assert study.directory() != make({**LEAST, "temperature": 0.5}).directory()
    assert study.directory().name.startswith("mixed_addition_")


def test_a_battery_with_other_options_has_its_own_directory() -> None:
    plain, lanham = make(LEAST), make({**LEAST, "battery": "lanham2023"})
    assert plain.directory() != lanham.directory()
    assert lanham.directory() == make({**LEAST, "battery": "lanham2023", "limit": 99}).directory()
    assert plain.directory() == make({**LEAST, "interventions": {"truncation": {}}}).directory()


def test_a_study_file_names_its_run() -> None:
    study = make(LEAST)
    assert place("studies/first.yaml", study) == place(Path("first.yaml"), study) == Path("runs/first")
    assert place(None, study) == place(study, study) == study.directory()


def test_options_from_the_command_line_are_those_of_a_file() -> None:
    typed, text = ({**LEAST, "engine": {"share": share}, "task_options": {"operands": n}} for share, n in ((0.3, 4), ("0.3", "4")))
    assert make(typed).identity() == make(text).identity()
    assert make(typed).identity() != make(LEAST).identity()


def test_a_directory_only_grows() -> None:
    small = make({**LEAST, "limit": 3, "samples": 5, "measures": "reasoning_gain"})
    large = make({**LEAST, "limit": 9, "samples": 2, "task": "tracking"})
    joined = large.joined(small)
    assert (joined.limit, joined.samples) == (9, 5)
    assert joined.task == ("addition", "tracking")
    assert set(joined.measures) == {"reasoning_gain", "early_answering", "filler_tokens"}
    assert isinstance(joined, Study)


ONE = {"model": "scripted/mixed", "engine": {"share": 0.3}}


def test_a_model_may_have_engine_options_and_a_name() -> None:
    study = make({"models": ["scripted/post-hoc", ONE, {**ONE, "name": "second", "engine": {"share": 0.7}}], "task": "addition"})
    assert study.model == ("scripted/post-hoc", "scripted/mixed", "second")
    assert study.choice("second").model == "scripted/mixed"
    assert [dict(study.choice(name).engine) for name in study.model] == [{}, {"share": 0.3}, {"share": 0.7}]
    assert make(study.model_dump(mode="json")) == study


def test_common_options_go_to_every_model_and_its_own_stay() -> None:
    study = make({"models": ["scripted/hinted", ONE], "task": "addition", "engine": {"share": 0.9, "admit": 0.1}})
    assert dict(study.choice("scripted/hinted").engine) == {"share": 0.9, "admit": 0.1}
    assert dict(study.choice("scripted/mixed").engine) == {"share": 0.3, "admit": 0.1}


def test_options_for_writers_and_judges_are_their_own() -> None:
    study = make({
        **LEAST, "engine": {"share": 0.3}, "writers": ["scripted/writer", "rules"], "judges": ["lexical", "scripted/judge"],
        "writer_engine": {"share": 0.1}, "judge_engine": {"share": 0.2},
    })  # fmt: skip
    assert {name: dict(one.engine) for name, one in study.engines.items()} == {
        "scripted/mixed": {"share": 0.3},
        "scripted/writer": {"share": 0.1},
        "scripted/judge": {"share": 0.2},
    }


def test_a_plain_writer_is_the_model_of_that_name() -> None:
    study = make({"model": ONE, "task": "addition", "writer": "scripted/mixed"})
    assert dict(study.choice(study.writer[0]).engine) == {"share": 0.3}


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        (
            {"model": [ONE, {**ONE, "engine": {"share": 1}}]},
            "Study has scripted/mixed twice with different engine options: give one of them",
        ),
        (
            {"model": ["scripted/mixed", ONE]},
            "Study: model has scripted/mixed twice: name it once, or give one of the two its own name",
        ),
        ({"model": "scripted/mixed", "writer": ONE}, "Study has scripted/mixed twice with different engine options"),
        ({"model": "m", "models": "n"}, "Study has both keys model and models, which mean the same: keep one of them."),
        ({"model": {"engine": {}}}, "Study: an entry of model names no model: give it the key model"),
        ({"model": {"model": "m", "engin": {}}}, "Unknown key of an entry of model in study 'engin': did you mean 'engine'?"),
        (
            {"model": {"model": "m", "engine": 3}},
            "Study: engine of m is 3: give options with their values, such as {dtype: float32}.",
        ),
        ({"model": {"model": "m", "engine": {"api_key": "x"}}}, "Study: option api_key looks like a secret"),
        ({"model": "m", "judge_engine": {"share": 1}}, "Study: judge_engine has options, but the key judges names no model"),
        (
            {"model": "m", "writer": "m", "writer_engine": {"share": 1}},
            "Study: writer_engine has options for m, which the study also names elsewhere",
        ),
        (
            {"model": "m", "engines": {"n": {"model": "n"}}},
            "Unknown model, writer or judge under engines of study 'n': known are: m.",
        ),
    ],
)
def test_a_wrong_model_is_one_sentence(choices: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        make({"task": "addition", **choices})
    assert str(caught.value).startswith(message)


def test_options_on_the_command_line_change_those_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(
        "models:\n  - model: scripted/mixed\n    engine: {share: 0.3, admit: 0.2}\n  - scripted/hinted\ntask: addition\n"
    )
    assert dict(load(path).choice("scripted/mixed").engine) == {"share": 0.3, "admit": 0.2}
    changed = load(path, {"engine": {"share": "0.9"}})
    assert dict(changed.choice("scripted/mixed").engine) == {"share": "0.9", "admit": 0.2}
    assert dict(changed.choice("scripted/hinted").engine) == {"share": "0.9"}
    other = load(path, {"model": ("scripted/post-hoc",)})
    assert (other.model, other.engines) == (("scripted/post-hoc",), {})
    redone = load(path, {"model": [{"model": "scripted/mixed", "engine": {"share": 0.5}}]})
    assert dict(redone.choice("scripted/mixed").engine) == {"share": 0.5}


def test_what_a_model_is_may_not_change_but_models_may_be_added() -> None:
    one, both = make({**LEAST, "model": ONE}), make({**LEAST, "model": [ONE, "scripted/post-hoc"]})
    key = "engine of scripted/mixed"
    assert one.identity()[key] == both.identity()[key] != make(LEAST).identity()[key]
    assert one.directory() == both.directory() != make(LEAST).directory()
    assert both.joined(one).engines == one.engines


TWICE = {
    "task": "addition",
    "model": [{"model": "m/n", "template": {"thinking": True}}, {"model": "m/n", "template": {"thinking": False}}],
}


def test_a_model_with_several_template_variables_is_named_by_them() -> None:
    study = make(TWICE)
    assert study.model == ("m/n thinking=true", "m/n thinking=false")
    assert [dict(study.choice(name).template) for name in study.model] == [{"thinking": True}, {"thinking": False}]
    assert make(study.model_dump(mode="json")) == study
    assert study.identity()["engine of m/n thinking=true"] == {"model": "m/n", "template variables": {"thinking": True}}
    one = make({"task": "addition", "model": ["m/n", {"model": "m/n", "template": {"tools": ["a", "b"], "effort": 3}}]})
    assert one.model == ("m/n", "m/n tools=a,b effort=3")
    own = make(
        {"task": "addition", "model": [{"model": "m/n", "template": {"a": 1}, "name": "x"}, {"model": "m/n", "template": {"a": 2}}]}
    )
    assert own.model == ("x", "m/n")


def test_template_variables_for_every_model_stay_data() -> None:
    study = make({"task": "addition", "model": ["a/b", {"model": "c/d", "template": {"x": 1}}], "template": {"x": 2, "y": "z"}})
    assert study.model == ("a/b", "c/d")
    assert [dict(study.choice(name).template) for name in study.model] == [{"x": 2, "y": "z"}, {"x": 1, "y": "z"}]
    plain = make({"task": "addition", "model": "a/b"})
    assert plain.identity() == make({"task": "addition", "model": "a/b", "template": {}}).identity()
    assert plain.directory() != make({"task": "addition", "model": "a/b", "template": {"x": True}}).directory()


def test_a_variable_from_the_command_line_overrides_a_file_but_no_name(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text("model: {model: m/n, template: {x: 1}}\ntask: addition\n")
    assert dict(load(path, {"template": {"x": 2}}).choice("m/n").template) == {"x": 2}
    path.write_text(
        "models: [{model: m/n, template: {x: true}}, {model: m/n, template: {x: false}}]\ntask: addition\ntemplate: {y: low}\n"
    )
    assert dict(load(path, {"template": {"y": "high"}}).choice("m/n x=true").template) == {"x": True, "y": "high"}
    with pytest.raises(
        UsageError, match=r"has the model 'm/n x=false', which is named by its template variables, so x=true cannot"
    ):
        load(path, {"template": {"x": True}})


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"template": True}, "Study: template is True: give variables with their values, such as {enable_thinking: true}."),
        (
            {"template": {"x": None}},
            "Study: template has x with the value None: give true, false, a number, text, or a list of these.",
        ),
        (
            {"template": {"x": float("nan")}},
            "Study: template has x with the value nan: give true, false, a number, text, or a list of",
        ),
        (
            {"model": {"model": "m/n", "template": {"x": {"a": 1}}}},
            "Study: template of m/n has x with the value {'a': 1}: give true",
        ),
        (
            {"template": {"api_key": "x"}},
            "Study: option api_key looks like a secret, which must not be written to files",
        ),
        (
            {"model": [{"model": "m/n", "template": {"a": 1}}, {"model": "m/n", "template": {"a": 1}}]},
            "Study: model has m/n a=1 twice: name it once",
        ),
        (
            {"model": {"model": "m/n", "template": {"a": 1}}, "writer": {"model": "m/n", "template": {"a": 2}}},
            "Study has m/n twice with different template variables: give one of them its own name, as in writer: {model: m/n, name: n-2,",
        ),
    ],
)
def test_wrong_template_variables_are_one_sentence(choices: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        make({"model": "m/n", "task": "addition", **choices})
    assert str(caught.value).startswith(message)


def test_values_on_the_command_line_are_those_of_a_study_file() -> None:
    texts = ["a=true", "b=3", "c=0.5", "d=high", "e=[x, y]", "f=off", "g=", "h=2024-07-26", "i=a=b", "j=[", "k={a: 1}"]
    assert variables(texts) == {
        "a": True, "b": 3, "c": 0.5, "d": "high", "e": ["x", "y"], "f": False, "g": "", "h": "2024-07-26", "i": "a=b", "j": "[",
        "k": "{a: 1}",
    }  # fmt: skip
    assert variables(["x=null"]) == {"x": None}  # which a study refuses
    assert variables(None) is None
    with pytest.raises(
        UsageError, match=r"^Option --template takes key=value, not 'thinking': for example --template enable_thinking=true\.$"
    ):
        variables(["thinking"])


def test_a_name_with_an_equals_sign_can_have_a_size() -> None:
    assert pairs(["m/n x=true=7B"], "--x", last=True) == {"m/n x=true": "7B"}
    assert pairs(["a=b=c"], "-M") == {"a": "b=c"}
