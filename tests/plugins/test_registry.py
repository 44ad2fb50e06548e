"""The registry, on distributions made for the purpose: folders of metadata on the path, and a wheel built from `tests/pack`."""

import sys
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from typing import ClassVar, Literal

import pytest
from plugins.shell import run

from cotfaith.errors import UsageError
from cotfaith.plugins import registry


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Puts distributions on the path: `install(name, "task = module:Class", module="source")`."""
    loaded = set(sys.modules)

    def put(name, entries, *, version="1.0", group="cotfaith.tasks", folder="site", **modules):
        site = tmp_path / folder
        info = site / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir(parents=True, exist_ok=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        (info / "entry_points.txt").write_text(f"[{group}]\n{entries}\n")
        for module, source in modules.items():
            (site / f"{module}.py").write_text(source)
        if str(site) not in sys.path:
            monkeypatch.syspath_prepend(site)
        registry.scan.cache_clear()
        return site

    yield put
    monkeypatch.undo()
    registry.scan.cache_clear()
    for name in set(sys.modules) - loaded:
        if name.startswith("zz_"):
            del sys.modules[name]


def refused(action, *args):
    """The one sentence with which `action` is refused."""
    with pytest.raises(UsageError) as caught:
        action(*args)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_the_built_in_names_come_from_the_metadata_of_cotfaith():
    assert {"addition", "tracking", "aqua", "jsonl"} <= set(registry.names("cotfaith.tasks"))
    assert {"truncation", "filler"} <= set(registry.names("cotfaith.interventions"))
    assert {"hf", "scripted"} <= set(registry.names("cotfaith.engines"))
    assert registry.origin("cotfaith.tasks", "addition").distribution == "cotfaith"


def test_names_are_sorted_and_those_of_the_entry_points():
    expected = sorted({entry.name for entry in entry_points(group="cotfaith.tasks")})
    assert list(registry.names("cotfaith.tasks")) == expected


LIST = """
import sys
from cotfaith.plugins import registry
for group in ("cotfaith.interventions", "cotfaith.engines", "cotfaith.tasks"):
    assert registry.names(group)
    registry.origin(group, registry.names(group)[0])
{more}
print([m for m in sys.modules if m.startswith(("interventions", "cotfaith.engines", "cotfaith.tasks", "torch"))])
"""


def test_listing_imports_no_implementation(tmp_path):
    assert run(LIST.format(more=""), folder=tmp_path) == "[]"


def test_and_that_test_can_fail(tmp_path):
    assert "cotfaith.tasks.addition" in run(LIST.format(more="registry.load('cotfaith.tasks', 'addition')"), folder=tmp_path)


def test_load_gives_the_class_and_origin_its_distribution(install):
    install("zz-dist", "zz = zz_module:Thing", version="2.5", zz_module="class Thing: pass")
    assert "zz" in registry.names("cotfaith.tasks")
    assert registry.load("cotfaith.tasks", "zz").__name__ == "Thing"
    assert registry.origin("cotfaith.tasks", "zz") == registry.Origin("zz-dist", "2.5")
    assert str(registry.origin("cotfaith.tasks", "zz")) == "zz-dist 2.5"


def test_an_unknown_name_names_its_nearest():
    assert refused(registry.load, "cotfaith.tasks", "adition") == "Unknown task 'adition': did you mean 'addition'?"
    assert refused(registry.origin, "cotfaith.engines", "scriptd") == "Unknown engine 'scriptd': did you mean 'scripted'?"


def test_an_unknown_group_names_its_nearest():
    assert refused(registry.names, "cotfaith.task") == "Unknown registry group 'cotfaith.task': did you mean 'cotfaith.tasks'?"


def test_a_name_from_two_distributions_names_both(install):
    install("zz-one", "zz = zz_one:Thing", zz_one="class Thing: pass")
    install("zz-two", "zz = zz_two:Thing", version="3.0", zz_two="class Thing: pass")
    assert registry.names("cotfaith.tasks").count("zz") == 1
    for action in (registry.load, registry.origin):
        message = refused(action, "cotfaith.tasks", "zz")
        assert message.startswith("The task 'zz' is offered by ")
        assert "zz-one 1.0" in message
        assert "zz-two 3.0" in message
        assert message.endswith(": uninstall all but one of them.")


def test_a_distribution_seen_twice_is_no_conflict(install):
    install("zz-dist", "zz = zz_module:Thing", folder="old", version="1.0", zz_module="class Thing: version = 1")
    install("zz_dist", "zz = zz_module:Thing", folder="new", version="2.0", zz_module="class Thing: version = 2")
    assert registry.load("cotfaith.tasks", "zz").version == 2
    assert registry.origin("cotfaith.tasks", "zz").version == "2.0"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import zz_absent", "ModuleNotFoundError: No module named 'zz_absent'"),
        ("raise RuntimeError('first line.\\nsecond line')", "RuntimeError: first line"),
        ("other = 1", "AttributeError: module 'zz_module' has no attribute 'Thing'"),
        ("def (", "SyntaxError: invalid syntax (zz_module.py, line 1)"),
        ("raise ValueError", "ValueError: no reason given"),
    ],
)
def test_an_entry_point_that_does_not_import_says_why(install, source, reason):
    site = install("zz-dist", "zz = zz_module:Thing", zz_module=source)
    assert refused(registry.load, "cotfaith.tasks", "zz") == (
        f"The task 'zz' is registered by zz-dist 1.0 as zz_module:Thing, which cannot be imported from {site / 'zz_module.py'} "
        f"({reason}): install what is missing, or reinstall zz-dist."
    )


def test_a_module_that_is_nowhere_says_so(install):
    install("zz-dist", "zz = zz_nowhere:Thing")
    assert "which cannot be imported (ModuleNotFoundError: No module named 'zz_nowhere'): " in refused(
        registry.load, "cotfaith.tasks", "zz"
    )


def test_a_missing_extra_is_told_as_a_pip_line(install):
    install("zz-dist", "zz = zz_module:Thing [fast]", zz_module="import zz_absent")
    message = refused(registry.load, "cotfaith.tasks", "zz")
    assert "registered by zz-dist 1.0 as zz_module:Thing, which" in message
    assert message.endswith("(ModuleNotFoundError: No module named 'zz_absent'): pip install 'zz-dist[fast]'.")


def test_what_is_no_class_is_refused(install):
    install("zz-dist", "zz = zz_module:thing", zz_module="def thing(): pass")
    assert refused(registry.load, "cotfaith.tasks", "zz") == (
        "The task 'zz' is registered by zz-dist 1.0 as zz_module:thing, which is no class: tell the makers of zz-dist."
    )


LOAD = """
from cotfaith.plugins import registry
from cotfaith.errors import UsageError
try:
    registry.load("cotfaith.interventions", "truncation")
except UsageError as error:
    print(error)
"""


@pytest.mark.parametrize("where", ["interventions.py", "interventions/__init__.py"])
@pytest.mark.parametrize("source", ["", "raise RuntimeError('mine')"])
def test_a_shadowed_pack_is_told_as_such(tmp_path, where, source):
    (tmp_path / where).parent.mkdir(exist_ok=True)
    (tmp_path / where).write_text(source)
    message = run(LOAD, folder=tmp_path)
    version = registry.origin("cotfaith.interventions", "truncation").version
    assert message.startswith(
        f"The intervention 'truncation' is registered by cotfaith {version} as interventions.truncation:Truncation, "
        f"but Python found another 'interventions' first, {(tmp_path / where).resolve()}, and not the one at "
    )
    assert message.endswith(f"): rename {where.partition('/')[0]}, or run from another directory.")
    assert message.count("\n") == 0


def test_a_folder_without_init_shadows_nothing(tmp_path):
    (tmp_path / "interventions").mkdir()
    assert "another" not in run(LOAD, folder=tmp_path)


def test_a_third_party_pack_comes_in_by_the_same_door(pack, tmp_path):
    code = """
from cotfaith.plugins import registry
from cotfaith.contracts.driver import probes
from cotfaith.contracts.intervention import describe
from cotfaith.types import Question, Step, Trace
group = "cotfaith.interventions"
assert {"drop_last", "filler", "truncation"} <= set(registry.names(group))
print(registry.origin(group, "drop_last"))
intervention = registry.build(registry.load(group, "drop_last"), {"steps": "2"})
print(describe(intervention))
steps = (Step(0, 2, 1), Step(2, 4, 2), Step(4, 6, 3))
trace = Trace("t", "q", "m", 0, (9,), "a.b.c.", (1, 2, 3), steps, "stop")
made = probes(intervention, [(trace, Question("q", "x", "?"))], list, seed=0)
print([(p.arm, p.keep, p.dose) for p in made[0]])
"""
    assert run(code, folder=tmp_path, path=[pack]).splitlines() == [
        "cotfaith-example-pack 1.2.3",
        "drop_last(steps=2)",
        "[('treated', 1, 1.0), ('control', 3, 0.0), ('full', 3, 0.0), ('no_reasoning', 0, 3.0)]",
    ]


def test_without_its_installation_the_pack_is_not_there():
    assert "drop_last" not in registry.names("cotfaith.interventions")


@dataclass(frozen=True)
class Everything:
    """A dataclass with every type that an option may have."""

    name: ClassVar[str] = "everything"

    path: str
    count: int = 1
    share: float = 0.5
    strict: bool = False
    kind: Literal["dots", "words"] = "dots"
    doses: tuple[int, ...] = (1, 2)
    labels: tuple[str, ...] = ()
    limit: int | None = None
    own: int = field(default=0, init=False)


@pytest.mark.parametrize(
    ("option", "given", "value"),
    [
        ("path", "5", "5"),
        ("count", "3", 3),
        ("count", -3, -3),
        ("share", "0.25", 0.25),
        ("share", 1, 1.0),
        ("strict", "true", True),
        ("strict", "False", False),
        ("strict", True, True),
        ("kind", "words", "words"),
        ("doses", "2, 4,8", (2, 4, 8)),
        ("doses", "7", (7,)),
        ("doses", [2, 4], (2, 4)),
        ("doses", (2, 4), (2, 4)),
        ("labels", "", ()),
        ("labels", "a,b", ("a", "b")),
        ("limit", "5", 5),
        ("limit", None, None),
        ("limit", "none", None),
    ],
)
def test_options_are_converted_to_the_types_of_their_fields(option, given, value):
    built = registry.build(Everything, {"path": "x", option: given})
    assert getattr(built, option) == value
    assert type(getattr(built, option)) is type(value)


def test_what_is_not_given_keeps_its_default():
    assert registry.build(Everything, {"path": "x"}) == Everything("x")


@pytest.mark.parametrize(
    ("option", "given", "words"),
    [
        ("path", 5, "text"),
        ("count", "three", "a whole number"),
        ("count", "3.5", "a whole number"),
        ("count", 3.0, "a whole number"),
        ("count", True, "a whole number"),
        ("count", None, "a whole number"),
        ("share", "nan", "a finite number"),
        ("share", float("inf"), "a finite number"),
        ("strict", 1, "true or false"),
        ("strict", "maybe", "true or false"),
        ("kind", "dashes", "one of 'dots', 'words'"),
        ("doses", "2,x", "a list, each value a whole number"),
        ("doses", [2, "4"], "a list, each value a whole number"),
        ("doses", 2, "a list, each value a whole number"),
    ],
)
def test_a_wrong_type_is_one_sentence(option, given, words):
    message = refused(registry.build, Everything, {"path": "x", option: given})
    assert message == f"Option {option!r} of everything must be {words}, not {given!r}."


def test_an_unknown_option_names_its_nearest():
    message = refused(registry.build, Everything, {"path": "x", "dose": 1})
    assert message == "Unknown option of everything 'dose': did you mean 'doses'?"


def test_a_field_that_is_no_parameter_is_no_option():
    assert "Unknown option of everything 'own'" in refused(registry.build, Everything, {"path": "x", "own": 1})


def test_a_missing_option_is_asked_for():
    assert refused(registry.build, Everything, {}) == "everything needs the option 'path': give it text."


def test_a_class_without_fields_takes_no_options():
    class Plain:
        pass

    assert refused(registry.build, Plain, {}).endswith(".Plain is not a dataclass.")
