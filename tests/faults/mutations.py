"""Odd input: what is right, with pieces cut out, doubled, swapped or replaced by what programs stumble over."""

from hypothesis import strategies as st

ODD = (
    *("", " ", "\x00", "\n", "\r\n", "\ufeff", "\u202e", "é", "💇", "İ", "\ud800"),
    *("0", "-1", "-0", "1e400", "NaN", "99999999999999999999", "٣", "0x10", "1_000"),
    *("%", "%00", "%ff", "%ud800", "&", "=", ";", ",", "'", '"', "`", "--", "/*", "\\", "../", "<script>", "${x}", "{{x}}"),
    *(
        "[" * 300,
        "{" * 300,
        '{"a":' * 300,
        "A" * 5000,
        "=1+1",
        "null",
        "true",
        "[]",
        "{}",
        "2027-02-30",
        "9999-12-31",
        "0001-01-01",
    ),
    *(
        "2027-03-14T02:30",
        "24:00",
        "25:61",
        "T",
        "Z",
        "+99:99",
        "Europe/Nowhere",
        "FREQ=",
        "INTERVAL=999999999",
        "COUNT=999999999",
    ),
)
"""Texts that some program or other has stumbled over."""


@st.composite
def mutated(draw: st.DrawFn, *samples: str) -> str:
    """One of the samples, changed in up to four places."""
    text = draw(st.sampled_from(samples))
    for _ in range(draw(st.integers(0, 4))):
        first = draw(st.integers(0, len(text)))
        last = min(len(text), first + draw(st.integers(0, 12)))
        piece = draw(st.one_of(st.sampled_from(ODD), st.text(max_size=6), st.just(text[first:last] * 2), st.just("")))
        text = text[:first] + piece + text[last:]
    return text


@st.composite
def mutated_bytes(draw: st.DrawFn, sample: bytes) -> bytes:
    """The sample with bytes changed, cut out or put in."""
    content = bytearray(sample)
    for _ in range(draw(st.integers(0, 4))):
        first = draw(st.integers(0, len(content)))
        last = min(len(content), first + draw(st.integers(0, 40)))
        content[first:last] = draw(st.one_of(st.binary(max_size=40), st.just(bytes(content[first:last]) * 2), st.just(b"")))
    return bytes(content)
