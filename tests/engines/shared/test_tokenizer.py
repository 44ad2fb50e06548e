"""Text to ids and back as a continuation, on tokenizers of the two great families."""

from copy import copy, deepcopy

import pytest
from engines import tiny
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from cotfaith.engines.shared.tokenizer import ContinuationTokenizer
from cotfaith.errors import EngineError
from cotfaith.types import Turn

MAKERS = {
    "bytes": tiny.byte_level,
    "metaspace-always": lambda: tiny.sentencepiece_like("always"),
    "metaspace-first": lambda: tiny.sentencepiece_like("first"),
    "normalizer": lambda: tiny.sentencepiece_like("normalizer"),
}
TOKENIZERS = {name: ContinuationTokenizer(make(), name) for name, make in MAKERS.items()}
NAMES = pytest.mark.parametrize("name", TOKENIZERS)
TEXTS = st.one_of(
    st.text(max_size=12),
    st.text(alphabet=" \nabT(1.é😀<>sthe", max_size=16),
    st.lists(st.sampled_from([*tiny.SPECIAL, " ", "\n", "a", "é", "<", "s>"]), max_size=6).map("".join),
)


def longest_common(first, second):
    return next((i for i, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), min(len(first), len(second)))


def slow_ends(tokenizer, ids):
    """The definition: how much of the whole text stands at the front of what the first tokens decode to, never going back."""
    whole, ends = tokenizer.decode(ids), []
    for stop in range(1, len(ids) + 1):
        ends.append(max(longest_common(tokenizer.decode(ids[:stop]), whole), *ends[-1:], 0))
    return tuple(ends)


@NAMES
@given(text=TEXTS)
def test_encoding_and_decoding_is_the_identity(name, text):
    tokenizer = TOKENIZERS[name]
    assert tokenizer.decode(tokenizer.encode(text)) == text


@NAMES
@given(first=TEXTS, second=TEXTS)
def test_texts_joined_are_ids_joined(name, first, second):
    tokenizer = TOKENIZERS[name]
    a, b = tokenizer.encode(first), tokenizer.encode(second)
    assert tokenizer.decode(a + b) == first + second == tokenizer.decode(a) + tokenizer.decode(b)


@NAMES
@given(data=st.data())
@settings(max_examples=200)
def test_ends_is_what_it_is_defined_to_be(name, data):
    tokenizer = TOKENIZERS[name]
    size = len(MAKERS[name]())
    ids = tuple(data.draw(st.lists(st.integers(0, size - 1), max_size=12)))
    ends = tokenizer.ends(ids)
    assert ends == slow_ends(tokenizer, ids)
    assert not ids or ends[-1] == len(tokenizer.decode(ids))


@NAMES
@given(text=TEXTS)
def test_ends_of_a_text_lie_between_its_characters(name, text):
    tokenizer = TOKENIZERS[name]
    ids = tokenizer.encode(text)
    ends = tokenizer.ends(ids)
    assert ends == slow_ends(tokenizer, ids)
    assert list(ends) == sorted(ends)


def test_a_character_of_several_tokens_ends_with_the_last():
    tokenizer = TOKENIZERS["bytes"]
    assert tokenizer.ends(tokenizer.encode("a😀b")) == (1, 1, 1, 1, 2, 3)


def test_ends_takes_time_in_proportion():
    tokenizer = TOKENIZERS["bytes"]
    ids = tokenizer.encode("So the answer is é😀. " * 500)
    decoded, inner = [], copy(tiny.byte_level())
    plain = inner.decode
    inner.decode = lambda ids, **how: decoded.append(len(ids)) or plain(ids, **how)
    counted = ContinuationTokenizer(inner, "counted")
    decoded.clear()
    counted.ends(ids)
    assert decoded
    assert sum(decoded) < 6 * len(ids)


@NAMES
def test_no_space_or_token_is_added(name):
    tokenizer = TOKENIZERS[name]
    assert tokenizer.encode("a") != tokenizer.encode(" a")
    assert tokenizer.encode("") == ()
    assert tokenizer.decode(()) == ""
    assert tokenizer.decode(tokenizer.encode(" a")) == " a"


def test_a_dummy_space_would_be_added_without_the_anchor():
    plain = tiny.sentencepiece_like("always")("a", add_special_tokens=False)["input_ids"]
    assert tuple(plain) != TOKENIZERS["metaspace-always"].encode("a")


@NAMES
def test_special_tokens_in_rendered_text_become_themselves(name):
    tokenizer = TOKENIZERS[name]
    (token,) = tokenizer.encode_rendered("</think>")
    assert token == MAKERS[name]().convert_tokens_to_ids("</think>")
    assert token in tokenizer.encode_rendered("so</think>the")
    assert tokenizer.decode((token,)) == "</think>"


@NAMES
@given(text=TEXTS)
def test_special_tokens_in_content_stay_text(name, text):
    tokenizer = TOKENIZERS[name]
    assert set(tokenizer.special_tokens) == {*tiny.SPECIAL}
    assert MAKERS[name]().all_special_ids
    ids = tokenizer.encode(text)
    special = set(MAKERS[name]().added_tokens_decoder)
    assert special.isdisjoint(ids)
    if not any(one in text for one in tiny.SPECIAL):
        assert ids == tokenizer.encode_rendered(text)


def test_a_special_token_that_the_vocabulary_has_as_a_word_is_spelled():
    """As in a unigram vocabulary: the model itself makes the token of its text, whether special tokens are looked for or not."""
    words = Tokenizer(models.WordLevel({"</s>": 0, "<": 1, "/": 2, "s": 3, ">": 4, "a": 5, "<unk>": 6}, unk_token="<unk>"))
    words.pre_tokenizer = pre_tokenizers.Split(Regex("</s>|<unk>|."), "isolated")
    words.decoder = decoders.Fuse()
    inner = PreTrainedTokenizerFast(tokenizer_object=words, eos_token="</s>", unk_token="<unk>")
    tokenizer = ContinuationTokenizer(inner, "words")
    assert inner("a</s>a", add_special_tokens=False, split_special_tokens=True)["input_ids"] == [5, 0, 5]
    assert tokenizer.encode("a</s>a</s>") == (5, 1, 2, 3, 4, 5, 1, 2, 3, 4)
    assert tokenizer.encode_rendered("a</s>") == (5, 0)
    assert tokenizer.encode("aé") == (5, 6)  # no character of this vocabulary, and no mark of anything
    assert tokenizer.encode("a<unk>")[:2] == (5, 1)


def letters():
    """A byte-level tokenizer without merges: a token a character, besides those added."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    made = Tokenizer(models.BPE(vocab={one: i for i, one in enumerate(alphabet)}, merges=[]))
    made.pre_tokenizer, made.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    return PreTrainedTokenizerFast(tokenizer_object=made)


@pytest.mark.parametrize(
    ("text", "length"),
    [("<|User|>", 8), ("<eos>", 5), ("</think>", 8), ("<call>", 6), ("<table>", 1), ("  ", 1), ("<\n>", 3), ("turn", 1)],
)
def test_what_the_template_marks_turns_with_is_special_though_the_vocabulary_does_not_say_so(text, length):
    """As in DeepSeek-R1 and Qwen3. Added tokens that mark nothing are one token in content too."""
    inner = letters()
    inner.add_special_tokens({"eos_token": "<eos>"})
    inner.add_tokens([AddedToken(one, special=False) for one in ("<|User|>", "</think>", "<call>", "<table>", "  ", "turn")])
    inner.chat_template = "{% for m in messages %}<|User|>  turn {{ m.content }}{% if m.tool_calls %}<call>{% endif %}{% endfor %}"
    tokenizer = ContinuationTokenizer(inner, "marks")
    assert tokenizer.special_tokens == ("</think>", "<call>", "<eos>", "<|User|>")
    assert len(tokenizer.encode(text)) == length
    assert len(tokenizer.encode_rendered(text)) == (3 if text == "<\n>" else 1)
    assert tokenizer.decode(tokenizer.encode(f"a{text}b")) == f"a{text}b"


def test_a_tokenizer_without_special_tokens_has_none_and_a_template_that_refuses_still_names_its_marks():
    inner = letters()
    assert ContinuationTokenizer(inner, "none").special_tokens == ()
    inner.add_tokens([AddedToken("<|User|>", special=False)])
    inner.chat_template = "<|User|>{{ raise_exception('never') }}"
    assert ContinuationTokenizer(inner, "refusing").special_tokens == ("<|User|>",)


def test_start_is_what_the_tokenizer_adds():
    assert TOKENIZERS["bytes"].start() == ()
    assert TOKENIZERS["metaspace-always"].start() == (tiny.sentencepiece_like().bos_token_id,)


def test_the_template_is_rendered_for_the_assistant_to_speak():
    tokenizer = TOKENIZERS["bytes"]
    assert tokenizer.has_template
    assert "<|im_start|>" in tokenizer.template
    assert tokenizer.render([Turn("user", "Hi")]) == "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"


def test_messages_have_fields_and_variables_and_may_leave_the_turn_closed():
    inner = deepcopy(tiny.byte_level())
    inner.chat_template = (
        "{% for m in messages %}{{ m.content }}[{{ m.reasoning_content }}]{% endfor %}{{ add_generation_prompt }} {{ mood }}"
    )
    tokenizer, messages = ContinuationTokenizer(inner, "fields"), [{"role": "user", "content": "a", "reasoning_content": "b"}]
    assert tokenizer.render_messages(messages, speak=False, variables={"mood": "calm"}) == "a[b]False calm"
    assert tokenizer.render_messages(messages, speak=True, variables={}) == "a[b]True "


def test_a_template_that_tells_the_date_tells_the_same_every_day():
    inner = deepcopy(tiny.byte_level())
    inner.chat_template = "Today is {{ strftime_now('%d %b %Y') }}. {{ messages[0]['content'] }}"
    assert ContinuationTokenizer(inner, "dated").render([Turn("user", "Hi")]) == "Today is 26 Jul 2024. Hi"


def test_a_refusing_template_is_one_sentence():
    with pytest.raises(
        EngineError, match=r"^The chat template of bytes refuses turns in the roles system \(no system turns here\): use"
    ):
        TOKENIZERS["bytes"].render([Turn("system", "Be kind.")])


def test_a_template_that_writes_half_of_a_character_is_one_sentence():
    inner = deepcopy(tiny.byte_level())
    inner.chat_template = "{{ '\\ud800' }}{{ messages[0]['content'] }}"
    with pytest.raises(
        EngineError, match=r"^The chat template of halves writes half of a character \('\\ud800', a lone surrogate\)"
    ):
        ContinuationTokenizer(inner, "halves").render([Turn("user", "Hi")])


def test_a_missing_template_is_one_sentence():
    assert not TOKENIZERS["normalizer"].has_template
    with pytest.raises(EngineError, match="^Model normalizer has no chat template: use the plain dialogue format instead"):
        TOKENIZERS["normalizer"].render([Turn("user", "Hi")])
