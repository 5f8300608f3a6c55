"""The form of an address that deliveries go to: which are taken, and what is said of the others."""

import pytest

from smoothbox.errors import Problem
from smoothbox.operations.webhook_urls import checked_url

PRINTABLE = "A URL has no blanks, backslashes or control characters, and nothing beyond ASCII: encode them."
SCHEME = "A URL begins with https:// or http://."
USER = "A URL carries no user or password; send them with a header of your own instead."
FRAGMENT = "A URL has no fragment here: nothing behind a '#' would be sent."
HOST = "A URL names a host, such as https://example.com/hook."
PORT = "Deliveries go to port 80, 443, or 1024 and above."
NO_URL = "This is no URL: "

GOOD = {  # and the host and port that they name
    "https://example.com": ("example.com", None),
    "https://example.com/": ("example.com", None),
    "http://example.com/hook?a=b&c=%20d;e=[f]": ("example.com", None),
    "HTTPS://EXAMPLE.COM/Hook": ("example.com", None),
    "https://example.com.": ("example.com.", None),
    "https://a-b_c.example:443/": ("a-b_c.example", 443),
    "https://example.com:80": ("example.com", 80),
    "http://example.com:1024/": ("example.com", 1024),
    "http://example.com:65535/": ("example.com", 65535),
    "https://xn--bcher-kva.example/": ("xn--bcher-kva.example", None),
    "https://intern/": ("intern", None),
    "http://192.168.0.7:8080/": ("192.168.0.7", 8080),
    "http://[fd00::7]:8080/": ("fd00::7", 8080),
    "http://[::ffff:10.0.0.1]/": ("::ffff:10.0.0.1", None),
    "https://example.com/user@host:80": ("example.com", None),
    "https://example.com?to=a@b": ("example.com", None),
    "https://example.com/%5Cback": ("example.com", None),
}

BAD = {
    "": PRINTABLE,
    " https://example.com/": PRINTABLE,
    "https://example.com/ ": PRINTABLE,
    "https://example.com/a b": PRINTABLE,
    "https://exa\tmple.com/": PRINTABLE,
    "https://example.com/\r\nHost:b": PRINTABLE,
    "https://example.com/\n": PRINTABLE,
    "https://example.com\x00/": PRINTABLE,
    "https://example.com/\x7f": PRINTABLE,
    "https://example.com\\@b/": PRINTABLE,
    "https://example.com/a\\b": PRINTABLE,
    "https://b\u00fccher.example/": PRINTABLE,
    "https://example.com/caf\u00e9": PRINTABLE,
    "https://ex\uff41mple.com/": PRINTABLE,
    "example.com": SCHEME,
    "//example.com/": SCHEME,
    "/hook": SCHEME,
    "example.com:8080/": SCHEME,
    "ftp://example.com/": SCHEME,
    "file:///etc/passwd": SCHEME,
    "httpss://example.com/": SCHEME,
    "javascript:alert(1)": SCHEME,
    "https://user@example.com/": USER,
    "https://user:word@example.com/": USER,
    "https://@example.com/": USER,
    "https://user:@/": USER,
    "https://example.com/#": FRAGMENT,
    "https://example.com/#part": FRAGMENT,
    "https://example.com#@b/": FRAGMENT,
    "https://": HOST,
    "https:///hook": HOST,
    "https:example.com": HOST,
    "https://:8080/": HOST,
    "https://?a=b": HOST,
    "https://example.com:/": HOST,
    "https://example.com:08080/": HOST,
    "https://exam%70le.com/": HOST,
    "https://a,b/": HOST,
    "https://a'b/": HOST,
    "https://*.example.com/": HOST,
    "https://[::1%25eth0]/": HOST,
    "https://[::1].example/": HOST,
    "https://a[::1]/": HOST,
    "https://example.com:0/": PORT,
    "https://example.com:22/": PORT,
    "https://example.com:79/": PORT,
    "https://example.com:444/": PORT,
    "https://example.com:1023/": PORT,
    "https://example.com:65536/": NO_URL,
    "https://example.com:-1/": NO_URL,
    "https://example.com:+80/": NO_URL,
    "https://example.com:http/": NO_URL,
    "https://example.com:80:80/": NO_URL,
    "https://[::1/": NO_URL,
    "https://::1/": NO_URL,
}


@pytest.mark.parametrize("text", GOOD)
def test_an_address_is_taken_apart(text: str) -> None:
    parts = checked_url(text)
    assert (parts.hostname, parts.port) == GOOD[text]
    assert parts.scheme in {"http", "https"}


@pytest.mark.parametrize("text", BAD)
def test_another_form_is_refused_with_what_would_be_right(text: str) -> None:
    with pytest.raises(Problem) as refusal:
        checked_url(text)
    assert refusal.value.code == "validation_error"
    ((field, (message,)),) = refusal.value.details.items()
    assert field == "url"
    assert message == BAD[text] or (BAD[text] == NO_URL and message.startswith(NO_URL))
    assert message.endswith(".")
