"""Reach: how soon a connection to PostgreSQL that leads nowhere is noticed; a file has none.

A machine that loses its power, or a firewall that forgets a connection, says nothing. Left to
itself, the operating system believes for two hours in a connection on which nobody speaks, and for
a quarter of an hour in one on which nobody answers.
"""

from sqlalchemy import make_url

#: What libpq is told (PostgreSQL's manual, "Parameter Key Words"): to wait 10 seconds for a
#: connection; to look after 15 seconds of silence, and to give up after three looks, 5 seconds
#: apart, or when what was sent is not acknowledged for 30 seconds.
LIMITS = {
    "connect_timeout": "10",
    "keepalives": "1",
    "keepalives_idle": "15",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}


def limited(url: str) -> str:
    """Give the address with these limits; those that it sets itself stay as they are."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "postgresql":
        return url
    missing = {name: value for name, value in LIMITS.items() if name not in parsed.query}
    return parsed.update_query_dict(missing).render_as_string(hide_password=False)
