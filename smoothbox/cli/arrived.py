"""What is said of a tenant that has come to the box with its files."""

from smoothbox.cli.session import Session
from smoothbox.upkeep.arrivals import Arrival


def say_arrival(session: Session, arrival: Arrival) -> None:
    """The tenant, what came with it, and what could not."""
    tenant = arrival.tenant
    value = {
        "slug": tenant.slug,
        "name": tenant.name,
        "status": tenant.status,
        "tokens": arrival.tokens,
        "people": arrival.people,
        "tokens_left": list(arrival.tokens_left),
        "people_left": list(arrival.people_left),
        "secrets": arrival.secrets.count,
        "secrets_lost": arrival.secrets.broken,
    }
    session.out.done(value, f"'{tenant.slug}' is here, with {arrival.tokens} tokens and {arrival.people} people.")
    for kind, left in (("Tokens", arrival.tokens_left), ("People", arrival.people_left)):
        if left:
            session.out.remark(f"{kind} that are on this box already, and stay where they are: {', '.join(left)}.")
    if arrival.secrets.broken:
        session.out.remark(f"{arrival.secrets.broken} secrets of webhooks do not open; rotate them: {_list(session, arrival)}")
    if tenant.status == "DISABLED":
        session.out.next_step(session.command(f"tenant enable {tenant.slug}"))


def _list(session: Session, arrival: Arrival) -> str:
    return session.command(f"webhook list {arrival.tenant.slug} --live")
