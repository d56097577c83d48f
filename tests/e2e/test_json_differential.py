"""The reader of JSON (core/io/json.h) against Python's: which texts it takes, and what it hears of them.

Texts are drawn and mutated from WHEELFARM_SEED, WHEELFARM_JSON_TEXTS of them. Python takes more than RFC
8259 does; where, stands in `python_hears`.
"""

import gzip
import json
import os
import random
import re
import subprocess
import urllib.parse

import pytest

from conftest import PAGES, ROOT

SEED = os.environ.get("WHEELFARM_SEED", "1")
TEXTS = int(os.environ.get("WHEELFARM_JSON_TEXTS", "20000"))
EVENTS = ROOT / "build/tests/unit/io/json_events"

BYTES = [*b"{}[],:\"\\/ \t\r\n\b\0\x1f\x7f0123456789+-.eEtrufalsn'#", 0x80, 0xbf, 0xc0, 0xc3, 0xed,
         0xe2, 0xef, 0xf0, 0xf4, 0xf5, 0xff]
PIECES = [b"true", b"false", b"null", b"nul", b"NaN", b"-Infinity", b"-0", b"01", b"1.", b".5", b"1e5",
          b"1E+400", b"-1.5e-7", b"123456789012345678901234567890", b'"', b'""', b'"a"', b'"a"x', b'"a"1',
          b'"\\u00e9"', b'"\\ud83d\\ude00"', b'"\\ud83d"', b'"\\ude00"', b'"\\ud83d\\u0041"', b'"\\u12g4"',
          b'"\\x"', b'"\\"', b'"\\\\"', b'"\\\\\\"', "\"\u00e9\u2028\U0001f600\"".encode(), b'"\xed\xa0\x80"',
          b'"\xc0\x80"', b'"\xf4\x90\x80\x80"', b"\xef\xbb\xbf", b"{}", b"[]", b"[[]]", b'{"a":1}', b'{"a"}',
          b'{"a":}', b"[1 2]", b"[1,]", b"[,1]", b'{"a":1,}', b'{"a":"b":1}', b'{"a" "b"}', b"]", b"}",
          b"/* */", b"//\n", b"\x00", b"\xc2\xa0", b"\x0c"]


class NotJson(Exception):
    pass


class Number(str):
    """As it is written."""


def refuse(word):
    raise NotJson(word)


def flatten(value, out):
    if isinstance(value, list):  # the pairs of an object are a tuple
        out.append("[")
        for item in value:
            flatten(item, out)
        out.append("]")
    elif isinstance(value, tuple):
        out.append("{")
        for key, item in value:
            out.append("k" + key.encode().hex())
            flatten(item, out)
        out.append("}")
    elif isinstance(value, Number):
        out.append("n" + value)
    elif isinstance(value, str):
        out.append("s" + value.encode().hex())
    else:
        out.append({True: "t", False: "f", None: "0"}[value])
    return out


def python_hears(text):
    """What Python's reader makes of it, without what it takes beyond RFC 8259: NaN and Infinity
    (section 6), a byte order mark (section 8.1), half a surrogate pair (section 8.2)."""
    try:
        value = json.loads(text.decode(), parse_constant=refuse, parse_int=Number, parse_float=Number,
                           object_pairs_hook=tuple)
        return " ".join(flatten(value, []))
    except (NotJson, ValueError):  # UnicodeDecodeError and UnicodeEncodeError are of the latter
        return "bad"


def we_hear(texts):
    done = subprocess.run([EVENTS], input="".join(t.hex() + "\n" for t in texts), text=True, check=True,
                          capture_output=True)
    return done.stdout.splitlines()


def seeds():
    """Whole texts to begin with: the cases of the unit test, and ends of recorded pages."""
    cases = (ROOT / "tests/data/io/json_cases.txt").read_text()
    found = [urllib.parse.unquote_to_bytes(text)
             for text in re.findall(r"^(?:ok|bad) (.*)$", cases, re.M)]
    for path in sorted(PAGES.glob("*.json.gz"))[:6]:
        page = json.loads(gzip.decompress(path.read_bytes()))
        page["files"] = page["files"][-2:]
        page["versions"] = page.get("versions", [])[-3:]
        found.append(json.dumps(page, indent=1, ensure_ascii=False).encode())
    return found


def drawn(pick, depth=0):
    kind = pick.randrange(8 if depth < 6 else 4)
    if kind < 4:
        return pick.choice(PIECES)
    space = pick.choice([b"", b" ", b"\n\t"])
    items = [drawn(pick, depth + 1) for _ in range(pick.randrange(4))]
    if kind < 6:
        return b"[" + space + (b"," + space).join(items) + space + b"]"
    keys = [pick.choice([b'"a"', b'"\\n"', b'"\\u0000"', b'"\xc3\xa9"', b'"a\\"b"', b"1"])
            for _ in items]
    pairs = [key + space + b":" + space + item for key, item in zip(keys, items)]
    return b"{" + (space + b",").join(pairs) + space + b"}"


def mutated(pick, text):
    text = bytearray(text)
    for _ in range(pick.randrange(3)):
        at = pick.randrange(len(text) + 1)
        change = pick.randrange(4)
        if change == 0:
            text[at:at + 1] = bytes([pick.choice(BYTES)])
        elif change == 1:
            text[at:at] = pick.choice(PIECES)
        elif change == 2:
            del text[at:at + pick.randrange(1, 9)]
        else:
            del text[at:]
    # tokens are found sixty-four bytes at a step: any of them may fall on such a border
    return b" " * pick.randrange(130) + bytes(text)


@pytest.mark.skipif(not EVENTS.exists(), reason="build/tests/unit/io/json_events is not compiled")
def test_texts_mean_the_same():
    pick = random.Random(f"json {SEED}")
    whole = seeds()
    texts = [*whole, *(mutated(pick, pick.choice(whole) if pick.random() < .4 else drawn(pick))
                       for _ in range(TEXTS))]
    theirs = [python_hears(text) for text in texts]
    taken = sum(answer != "bad" for answer in theirs)
    assert TEXTS / 10 < taken < TEXTS * 9 / 10, "nearly all are of one kind"
    ours = we_hear(texts)
    assert len(ours) == len(texts)
    wrong = [(len(text), text, said, right)
             for text, said, right in zip(texts, ours, theirs) if said != right]
    if wrong:
        _, text, said, right = min(wrong)
        pytest.fail(f"seed {SEED}: {len(wrong)} texts differ, the smallest: {text!r}\n"
                    f"  we: {said[:300]}\n  Python: {right[:300]}")
