"""Addresses that tenants could try in order to reach what only the box can reach. PORT stands for one that a receiver has.

Names are those that somebody may own: a test says where they lead.
"""

from typing import Final


def _urls(hosts: str) -> tuple[str, ...]:
    return tuple(f"http://{host}:PORT/" for host in hosts.split())


INSIDE: Final = (  # of a form that is taken, and leading inside
    *_urls("""
    127.0.0.1 127.0.0.2 127.255.255.254 127.1 127.0.1 0x7f.1 0177.1 0X7F.0X0.0x0.0x1 2130706433 017700000001 0x7f000001
    0x7F000001 127.0x0.0.01 0177.0.0.0x1 00000177.0.0.1 127.65535 0 0.0.0.0 0.0 0x0 00.0 0.1.2.3 [::1] [0:0:0:0:0:0:0:1]
    [0000:0000::0001] [::] [::0.0.0.1] [0::0] [::ffff:127.0.0.1] [::FFFF:7F00:1] [0:0:0:0:0:ffff:7f00:0001]
    [::ffff:0.0.0.0] [::ffff:10.0.0.1] [::ffff:169.254.169.254] [::127.0.0.1] [::7f00:1] [::ffff:0:127.0.0.1]
    [64:ff9b::127.0.0.1] [64:ff9b::7f00:1] [64:ff9b:1::7f00:1] [2002:7f00:1::] [2002:7f00:0001::1] [2002:a9fe:a9fe::]
    [2001:0:7f00:1::] [2001:db8::1] [100::1] [fec0::1] [fe80::1] [FE80::A9FE:A9FE] [fc00::1] [fd00:ec2::254] [ff02::1]
    [200::1] [5f00::1] 169.254.169.254 2852039166 0xa9fea9fe 0251.0376.0251.0376 169.254.43518 169.16689662
    0xa9.0xfe.0xa9.0xfe [64:ff9b::a9fe:a9fe] 100.100.100.200 10.0.0.1 172.16.0.1 172.31.255.255 192.168.0.1 100.64.0.1
    localhost LOCALHOST localhost. LocalHost. localhost.localdomain ip6-localhost api.localhost intern localtest.example
    127.0.0.1.nip.example six.example mapped.example linklocal.example
    """),
    "https://127.0.0.1:PORT/",
    "https://[::1]:PORT/",
    "http://169.254.170.2/",
    "http://168.63.129.16/",
    "http://192.0.0.192/",
    "http://198.18.0.1/",
    "http://192.88.99.1/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "http://METADATA.google.internal/",
    "HTTP://127.0.0.1:PORT/",
    "http://127.0.0.1:PORT?@example.com/",
    "http://127.0.0.1:PORT/@example.com",
    "http://127.0.0.1:PORT/http://example.com/",
)

MALFORMED: Final = (  # of no form that is taken
    "http://example.com@127.0.0.1:PORT/",
    "http://user:word@127.0.0.1:PORT/",
    "http://@127.0.0.1:PORT/",
    "http://example.com:80@127.0.0.1:PORT/",
    "http://127.0.0.1:PORT@example.com/",
    "http://example.com%40127.0.0.1:PORT/",
    "http://127.0.0.1:PORT#@example.com/",
    "http://example.com#@127.0.0.1:PORT/",
    "http://127.0.0.1:PORT/#",
    "http://127.0.0.1:PORT\\@example.com/",
    "http://example.com\\@127.0.0.1:PORT/",
    "http:\\\\127.0.0.1:PORT/",
    "http:/\\127.0.0.1:PORT/",
    "http://127.0.0.1\\:PORT/",
    "\\\\127.0.0.1:PORT\\hook",
    "http://127.0.0.1\t:PORT/",
    "ht\ttp://127.0.0.1:PORT/",
    "http://127.0.0.1:PORT/\r\nHost: example.com",
    "\nhttp://127.0.0.1:PORT/",
    " http://127.0.0.1:PORT/",
    "http://127.0.0.1:PORT/ ",
    "http://127.0.0.1 :PORT/",
    "http://127.0.0.1\x00.example.com:PORT/",
    "http://127.0.0.1\u3002example:PORT/",
    "http://127\u30020\u30020\u30021:PORT/",
    "http://127\uff0e0\uff0e0\uff0e1:PORT/",
    "http://\uff11\uff12\uff17.0.0.1:PORT/",
    "http://\u2460\u2461\u2466.\u24ea.\u24ea.\u2460:PORT/",
    "http://\u24db\u24de\u24d2alhost:PORT/",
    "http://127.0.0.1:\uff18\uff10/",
    "http://[::\uff11]:PORT/",
    "http://127.0.0.\u00b9:PORT/",
    "http://local\u00adhost:PORT/",
    "http://[fe80::1%25eth0]:PORT/",
    "http://[fe80::1%eth0]:PORT/",
    "http://[::1%251]:PORT/",
    "http://[::1%lo]:PORT/",
    "http://[::1]x:PORT/",
    "http://x[::1]:PORT/",
    "http://[::1:PORT/",
    "http://::1:PORT/",
    "http://[[::1]]:PORT/",
    "http://[127.0.0.1]:PORT/",
    "http://[v1.::1]:PORT/",
    "http://[::1]]:PORT/",
    "http://[0x7f000001]:PORT/",
    "http://%31%32%37.0.0.1:PORT/",
    "http://127.0.0.1%2e:PORT/",
    "http://127.0.0.1%00:PORT/",
    "http://127.0.0.1,example.com:PORT/",
    "http://127.0.0.1:PORT:80/",
    "http://127.0.0.1:+PORT/",
    "http://127.0.0.1:-1/",
    "http://127.0.0.1:99999/",
    "http://127.0.0.1:/",
    "http://127.0.0.1:0PORT/",
    "http://127.0.0.1:22/",
    "http://127.0.0.1:0/",
    "http://127.0.0.1:6e3/",
    "http:127.0.0.1:PORT/",
    "http:///127.0.0.1:PORT/",
    "http://:PORT/",
    "//127.0.0.1:PORT/",
    "127.0.0.1:PORT/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:PORT/",
    "ftp://127.0.0.1:PORT/",
    "unix:///run/docker.sock",
    "javascript:alert(1)",
    "dict://127.0.0.1:PORT/",
    "ws://127.0.0.1:PORT/",
    "httpx://127.0.0.1:PORT/",
    "http+unix://127.0.0.1:PORT/",
)

NOWHERE: Final = (  # of a form that is taken, and leading nowhere
    *_urls("""
    127.0.0.1. 4294967297 0x 127.0.0.256 127.0.0.0.1 0x7g.0.0.1 0177.0.0.08 localhost.. .. - 127.0.0.1.example xn--
    .localhost
    """),
    f"http://{'a' * 64}.example:PORT/",
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
