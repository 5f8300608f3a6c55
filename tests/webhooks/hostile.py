"""Addresses that tenants could try in order to reach what only the box can reach. PORT stands for one that a receiver has.

Names are those that somebody may own: a test says where they lead.
"""

from typing import Final

INSIDE: Final = (  # of a form that is taken, and leading inside
    *("http://127.0.0.1:PORT/", "http://127.0.0.2:PORT/", "http://127.255.255.254:PORT/", "https://127.0.0.1:PORT/"),
    *(
        "http://127.1:PORT/",
        "http://127.0.1:PORT/",
        "http://0x7f.1:PORT/",
        "http://0177.1:PORT/",
        "http://0X7F.0X0.0x0.0x1:PORT/",
    ),
    *("http://2130706433:PORT/", "http://017700000001:PORT/", "http://0x7f000001:PORT/", "http://0x7F000001:PORT/"),
    *("http://127.0x0.0.01:PORT/", "http://0177.0.0.0x1:PORT/", "http://00000177.0.0.1:PORT/", "http://127.65535:PORT/"),
    *(
        "http://0:PORT/",
        "http://0.0.0.0:PORT/",
        "http://0.0:PORT/",
        "http://0x0:PORT/",
        "http://00.0:PORT/",
        "http://0.1.2.3:PORT/",
    ),
    *("http://[::1]:PORT/", "http://[0:0:0:0:0:0:0:1]:PORT/", "http://[0000:0000::0001]:PORT/", "http://[::]:PORT/"),
    *("http://[::0.0.0.1]:PORT/", "http://[0::0]:PORT/", "https://[::1]:PORT/"),
    *("http://[::ffff:127.0.0.1]:PORT/", "http://[::FFFF:7F00:1]:PORT/", "http://[0:0:0:0:0:ffff:7f00:0001]:PORT/"),
    *("http://[::ffff:0.0.0.0]:PORT/", "http://[::ffff:10.0.0.1]:PORT/", "http://[::ffff:169.254.169.254]:PORT/"),
    *("http://[::127.0.0.1]:PORT/", "http://[::7f00:1]:PORT/", "http://[::ffff:0:127.0.0.1]:PORT/"),
    *("http://[64:ff9b::127.0.0.1]:PORT/", "http://[64:ff9b::7f00:1]:PORT/", "http://[64:ff9b:1::7f00:1]:PORT/"),
    *("http://[2002:7f00:1::]:PORT/", "http://[2002:7f00:0001::1]:PORT/", "http://[2002:a9fe:a9fe::]:PORT/"),
    *("http://[2001:0:7f00:1::]:PORT/", "http://[2001:db8::1]:PORT/", "http://[100::1]:PORT/", "http://[fec0::1]:PORT/"),
    *("http://[fe80::1]:PORT/", "http://[FE80::A9FE:A9FE]:PORT/", "http://[fc00::1]:PORT/", "http://[fd00:ec2::254]:PORT/"),
    *("http://[ff02::1]:PORT/", "http://[200::1]:PORT/", "http://[5f00::1]:PORT/"),
    *("http://169.254.169.254:PORT/", "http://2852039166:PORT/", "http://0xa9fea9fe:PORT/", "http://0251.0376.0251.0376:PORT/"),
    *("http://169.254.43518:PORT/", "http://169.16689662:PORT/", "http://0xa9.0xfe.0xa9.0xfe:PORT/", "http://169.254.170.2/"),
    *("http://[64:ff9b::a9fe:a9fe]:PORT/", "http://100.100.100.200:PORT/", "http://168.63.129.16/", "http://192.0.0.192/"),
    *("http://10.0.0.1:PORT/", "http://172.16.0.1:PORT/", "http://172.31.255.255:PORT/", "http://192.168.0.1:PORT/"),
    *("http://100.64.0.1:PORT/", "http://198.18.0.1/", "http://192.88.99.1/", "http://224.0.0.1/", "http://255.255.255.255/"),
    *("http://localhost:PORT/", "http://LOCALHOST:PORT/", "http://localhost.:PORT/", "http://LocalHost.:PORT/"),
    *("http://localhost.localdomain:PORT/", "http://ip6-localhost:PORT/", "http://api.localhost:PORT/", "http://intern:PORT/"),
    *("http://localtest.example:PORT/", "http://127.0.0.1.nip.example:PORT/", "http://METADATA.google.internal/"),
    *("http://six.example:PORT/", "http://mapped.example:PORT/", "http://linklocal.example:PORT/", "HTTP://127.0.0.1:PORT/"),
    *("http://127.0.0.1:PORT?@example.com/", "http://127.0.0.1:PORT/@example.com", "http://127.0.0.1:PORT/http://example.com/"),
)

MALFORMED: Final = (  # of no form that is taken
    *("http://example.com@127.0.0.1:PORT/", "http://user:word@127.0.0.1:PORT/", "http://@127.0.0.1:PORT/"),
    *("http://example.com:80@127.0.0.1:PORT/", "http://127.0.0.1:PORT@example.com/", "http://example.com%40127.0.0.1:PORT/"),
    *("http://127.0.0.1:PORT#@example.com/", "http://example.com#@127.0.0.1:PORT/", "http://127.0.0.1:PORT/#"),
    *("http://127.0.0.1:PORT\\@example.com/", "http://example.com\\@127.0.0.1:PORT/", "http:\\\\127.0.0.1:PORT/"),
    *("http:/\\127.0.0.1:PORT/", "http://127.0.0.1\\:PORT/", "\\\\127.0.0.1:PORT\\hook"),
    *(
        "http://127.0.0.1\t:PORT/",
        "ht\ttp://127.0.0.1:PORT/",
        "http://127.0.0.1:PORT/\r\nHost: example.com",
        "\nhttp://127.0.0.1:PORT/",
    ),
    *(
        " http://127.0.0.1:PORT/",
        "http://127.0.0.1:PORT/ ",
        "http://127.0.0.1 :PORT/",
        "http://127.0.0.1\x00.example.com:PORT/",
    ),
    *("http://127.0.0.1\u3002example:PORT/", "http://127\u30020\u30020\u30021:PORT/", "http://127\uff0e0\uff0e0\uff0e1:PORT/"),
    *(
        "http://\uff11\uff12\uff17.0.0.1:PORT/",
        "http://\u2460\u2461\u2466.\u24ea.\u24ea.\u2460:PORT/",
        "http://\u24db\u24de\u24d2alhost:PORT/",
    ),
    *(
        "http://127.0.0.1:\uff18\uff10/",
        "http://[::\uff11]:PORT/",
        "http://127.0.0.\u00b9:PORT/",
        "http://local\u00adhost:PORT/",
    ),
    *("http://[fe80::1%25eth0]:PORT/", "http://[fe80::1%eth0]:PORT/", "http://[::1%251]:PORT/", "http://[::1%lo]:PORT/"),
    *("http://[::1]x:PORT/", "http://x[::1]:PORT/", "http://[::1:PORT/", "http://::1:PORT/", "http://[[::1]]:PORT/"),
    *("http://[127.0.0.1]:PORT/", "http://[v1.::1]:PORT/", "http://[::1]]:PORT/", "http://[0x7f000001]:PORT/"),
    *(
        "http://%31%32%37.0.0.1:PORT/",
        "http://127.0.0.1%2e:PORT/",
        "http://127.0.0.1%00:PORT/",
        "http://127.0.0.1,example.com:PORT/",
    ),
    *(
        "http://127.0.0.1:PORT:80/",
        "http://127.0.0.1:+PORT/",
        "http://127.0.0.1:-1/",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:/",
    ),
    *("http://127.0.0.1:0PORT/", "http://127.0.0.1:22/", "http://127.0.0.1:0/", "http://127.0.0.1:6e3/"),
    *("http:127.0.0.1:PORT/", "http:///127.0.0.1:PORT/", "http://:PORT/", "//127.0.0.1:PORT/", "127.0.0.1:PORT/"),
    *(
        "file:///etc/passwd",
        "gopher://127.0.0.1:PORT/",
        "ftp://127.0.0.1:PORT/",
        "unix:///run/docker.sock",
        "javascript:alert(1)",
    ),
    *("dict://127.0.0.1:PORT/", "ws://127.0.0.1:PORT/", "httpx://127.0.0.1:PORT/", "http+unix://127.0.0.1:PORT/"),
)

NOWHERE: Final = (  # of a form that is taken, and leading nowhere
    *(
        "http://127.0.0.1.:PORT/",
        "http://4294967297:PORT/",
        "http://0x:PORT/",
        "http://127.0.0.256:PORT/",
        "http://127.0.0.0.1:PORT/",
    ),
    *("http://0x7g.0.0.1:PORT/", "http://0177.0.0.08:PORT/", "http://localhost..:PORT/", "http://..:PORT/", "http://-:PORT/"),
    *(f"http://{'a' * 64}.example:PORT/", "http://127.0.0.1.example:PORT/", "http://xn--:PORT/", "http://.localhost:PORT/"),
)

NAMES: Final = {
    "localhost.localdomain": ("127.0.0.1",),
    "ip6-localhost": ("::1",),
    "api.localhost": ("127.0.0.1", "::1"),
    "intern": ("10.0.0.5",),
    "localtest.example": ("127.0.0.1",),
    "127.0.0.1.nip.example": ("127.0.0.1",),
    "metadata.google.internal": ("169.254.169.254",),
    "six.example": ("::1",),
    "mapped.example": ("::ffff:127.0.0.1",),
    "linklocal.example": ("fe80::1%lo",),
}
