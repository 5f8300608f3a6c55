"""The groups of commands: what each is for, and where its commands live; help on a group imports none of them."""

import click

from smoothbox.cli.commands import LazyGroup


@click.group(
    cls=LazyGroup,
    home="tenant",
    modules={
        "feeds": "tenant_feeds",
        "migrate": "tenant_migrate",
        "pause": "tenant_move",
        "resume": "tenant_move",
        "export": "tenant_move",
        "import": "tenant_move",
    },
    table={
        "create": "Make a tenant, with a live file and a sandbox.",
        "list": "List all tenants.",
        "show": "Show a tenant and how much its files hold.",
        "rename": "Give a tenant another slug; its tokens go on working.",
        "disable": "Refuse a tenant's tokens until it is enabled again.",
        "enable": "Let a disabled tenant's tokens work again.",
        "delete": "Remove a tenant with all its data and tokens.",
        "apply": "Make a tenant's business, resources and services what a catalogue FILE (TOML) says.",
        "reset-sandbox": "Refill the sandbox with the live catalogue; its bookings and customers go.",
        "feeds": "Show the addresses of the calendars of SLUG.",
        "migrate": "Bring the data files of tenants up to the schema of this program.",
        "pause": "Stop a tenant for a move: nothing is written to its files until it is resumed.",
        "resume": "Let a paused tenant go on here.",
        "export": "Pack a tenant into one file, to be imported on another box.",
        "import": "Take a tenant in that another box has exported.",
    },
)
def tenant() -> None:
    """Create, change and remove tenants, and apply their catalogues.

    A tenant is one business. It goes by its SLUG, and has two data files of its own: the live one, and a sandbox to try
    things in. A server that runs meanwhile takes up what is changed by itself.

    Example: smoothbox tenant create acme --name "Acme Barbers" --timezone America/New_York --currency USD
    """


@click.group(
    cls=LazyGroup,
    home="token",
    table={
        "create": "Make a token for the tenant SLUG.",
        "list": "List the tokens of a tenant.",
        "show": "Show a token: all but its secret.",
        "rotate": "Replace a token by a new one that may do the same.",
        "revoke": "End a token now.",
        "scopes": "List all scopes and what each allows.",
    },
)
def token() -> None:
    """Create, rotate and revoke API tokens.

    A token lets a program use the API of one tenant, on its live data or on its sandbox, within the scopes that it was
    given. The box keeps no more than a hash of it: a token that is lost cannot be shown again, but replaced.

    Example: smoothbox token create acme --name website --live --all-scopes
    """


@click.group(
    cls=LazyGroup,
    home="user",
    table={
        "create": "Let NAME open the console of the tenant SLUG.",
        "list": "List who may open the console of a tenant.",
        "login-link": "Make a link that logs NAME in, once.",
        "set-password": "Give NAME another password, or none.",
        "remove": "Let NAME in no longer, at once.",
    },
)
def user() -> None:
    """Let people open the console of a tenant.

    People of the business keep its calendar there, in a browser. They log in by a link that is good once, or with a
    password. Customers are no users, nor are programs: see 'token'.

    Example: smoothbox user create acme jane@example.com
    """


@click.group(
    cls=LazyGroup,
    home="webhook",
    modules={"listen": "webhook_listen"},
    table={
        "list": "List the webhooks of a tenant.",
        "create": "Have a tenant's events delivered to an address.",
        "delete": "Remove a webhook with the record of its deliveries.",
        "test": "Send a webhook a test now, also one that is disabled.",
        "rotate-secret": "Replace the secret of a webhook.",
        "deliveries": "List what was delivered to a webhook, and how that went.",
        "redeliver": "Send a delivery once more, now.",
        "listen": "Receive deliveries on this machine, verify and show them, until Ctrl-C.",
    },
)
def webhook() -> None:
    """Tell other programs of events: endpoints, their deliveries, and a receiver to try them with.

    The running server delivers; these commands say what and where to. The live data and the sandbox of a tenant have
    webhooks of their own, so that each command wants to know which of them is meant: --live or --test.

    Example: smoothbox webhook create acme --test --url https://example.com/hook --events 'booking.*'
    """


@click.group(
    "import",
    cls=LazyGroup,
    home="imports_tables",
    modules={"smoothschedule": "imports_smoothschedule"},
    table={
        "customers": "Take in customers from a CSV FILE that another program wrote.",
        "bookings": "Take in bookings from a CSV FILE that another program wrote.",
        "smoothschedule": "Take over a business from SmoothSchedule, or from another smoothbox.",
    },
)
def import_() -> None:
    """Take in what other programs know: customers, and bookings past and to come.

    Each is done in one transaction: all rows are taken in, or none. A server may run meanwhile. Make the services and the
    resources first ('tenant apply'), then import the customers, then the bookings that name them.

    Example: smoothbox import customers acme customers.csv --live --dry-run
    """


@click.group(
    cls=LazyGroup,
    home="backup",
    table={
        "create": "Make a backup now.",
        "list": "Show the backups that are there, the newest first.",
        "verify": "Read a backup whole, and say whether every file is there, as it was written, and sound.",
        "prune": "Remove old backups.",
    },
)
def backup() -> None:
    """Make backups of the box, beside a running server, and look after them.

    A backup is a folder with a copy of every data file and a manifest with their checksums. The server makes one a day by
    itself (settings of the section [backup]). A backup on the disk of the box does not survive that disk: copy the folders
    elsewhere, or set backup.directory to another disk.

    Example: smoothbox --data-dir /var/lib/smoothbox backup create
    """


@click.group(
    cls=LazyGroup,
    home="keys",
    table={
        "create": "Make a keyring for a box that has lost its own.",
        "show": "List the keys of the box, without their secrets.",
        "rotate": "Make a new key, and seal every secret of every tenant with it.",
        "export": "Hand out the keyring, to be kept apart from the backups.",
    },
)
def keys() -> None:
    """Show, replace and export the keys of the box.

    They seal the secrets of webhooks at rest, and sign links and client tokens. API tokens and passwords do without them.
    They are in the file 'keyring' of the data folder, and in a backup only if that was asked for.

    Example: smoothbox --data-dir /var/lib/smoothbox keys show
    """


@click.group(
    cls=LazyGroup,
    home="cert",
    table={
        "create": "Make a self-signed certificate and its key.",
        "show": "Show the certificate in use: its hosts, and until when it is good.",
    },
)
def cert() -> None:
    """Make a certificate for HTTPS without a proxy, and show the one in use.

    A self-signed certificate encrypts, but clients trust it only where they are told to: it is for a network of your own. For
    the public, get one from an authority (such as Let's Encrypt) and name its files in server.tls_cert and server.tls_key, or
    put a proxy in front (see 'proxy').

    Example: smoothbox --data-dir /var/lib/smoothbox cert create --host box.example.com
    """


@click.group(
    cls=LazyGroup,
    home="service",
    table={
        "print": "Print the unit of the service, or of its socket.",
        "install": "Write the units where systemd looks for them.",
        "uninstall": "Remove the units that 'install' wrote.",
    },
)
def service() -> None:
    """Have systemd run the box: print, install and remove its units.

    The service starts with the machine, is restarted when it fails or hangs, and may do hardly anything but serve its data
    folder. It runs as a user of its own, whom the data folder belongs to.

    Example: smoothbox service print
    """


@click.group(
    cls=LazyGroup,
    home="proxy",
    table={
        "caddy": "Print a site for Caddy.",
        "nginx": "Print a site for nginx.",
    },
)
def proxy() -> None:
    """Print what a proxy in front of the box is told.

    The proxy speaks HTTPS with clients, and HTTP with the box. What it says of them has to be believed: the commands say
    which settings of the box go with it.

    Example: smoothbox proxy caddy --host api.example.com
    """


@click.group(
    cls=LazyGroup,
    home="config",
    table={
        "show": "Show every setting, its value and where that comes from.",
        "path": "Say which settings file is read.",
        "env-help": "List the variables that stand for settings.",
        "template": "Print a settings file that says nothing yet: every setting with its default, as a comment.",
    },
)
def config() -> None:
    """Show the settings and where each comes from.

    They stand in smoothbox.toml, in the data folder or here, and in variables of the environment. Nothing here changes
    them: edit the file, and restart the server, or send it SIGHUP, upon which the log says what waits for a restart.

    Example: smoothbox config show
    """
