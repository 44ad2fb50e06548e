"""Chat templates that are broken, hostile or endless."""

from __future__ import annotations

from random import Random

from fuzz import hostile

RIGHT = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}",
    "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'user' %}[INST] {{ message['content'] }} [/INST]{% else %} {{ message['content'] }}{{ eos_token }}{% endif %}{% endfor %}",
    "{% for m in messages %}{{ m.content }}{% endfor %}{% if enable_thinking %}<think>\n{% else %}<think>\n\n</think>\n\n{% endif %}",
)
PIECES = (
    "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}",
    "{% for i in range(99999) %}{% for j in range(99999) %}x{% endfor %}{% endfor %}",
    "{% for i in range(10**9) %}{% endfor %}", "{{ 'x' * 100000 }}", "{{ 10 ** 10 ** 6 }}", "{{ range(3) | sum }}", "{{ messages[99].content }}", "{{ messages.nothing.more }}",
    "{{ raise_exception('no') }}", "{{ 1 / 0 }}", "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "{% include 'x' %}", "{% extends 'x' %}", "{% import 'os' as os %}",
    "{{ ''.__class__.__mro__ }}", "{{ cycler.__init__.__globals__.os }}", "{{ namespace(a=1).a }}", "{% set messages = [] %}", "{{ messages | tojson }}", "{{ messages | map('x') | list }}",
    "{{ strftime_now('%Y' * 1000) }}", "{{ '%s' | format }}", "{{ messages | batch(0) | list }}", "{% generation %}{% endgeneration %}", "{% break %}", "{#", "{{", "{%", "{% if %}", "{% endfor %}",
    "{{ undefined_function() }}", "{{ messages | random }}", "{{ lipsum(5) }}", "\ufffe", "{{ '\\ud800' }}", "{{ m }}",
)  # fmt: skip


def template(rng: Random) -> str:
    """A template with something odd in it, or another text."""
    text = rng.choice(RIGHT)
    if rng.random() < 0.3:
        return hostile.garbled(text.encode(), rng).decode("utf-8", "replace")
    start = rng.choice((0, len(text), rng.randrange(len(text))))
    return text[:start] + rng.choice(PIECES) + text[start:]
