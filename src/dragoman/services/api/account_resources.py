"""The resources that are there only where there are accounts. To app.py, which imports them where it needs them.

With the database behind them they take 40 MB, which a private machine keeps for its engines.
"""

from dragoman.services.api import (
    admin_capacity,
    admin_plans,
    admin_site,
    admin_users,
    audit,
    calendar,
    invitations,
    jobs,
    me,
    my_api_keys,
    my_data,
    my_meetings,
    my_rooms,
    my_sessions,
    session,
    session_oidc,
    team_figures,
    team_invitations,
    team_members,
    teams,
    users,
    webhooks,
)

ACCOUNT_RESOURCES = (
    session,
    session_oidc,
    users,
    me,
    my_sessions,
    my_api_keys,
    my_data,
    jobs,
    my_meetings,
    calendar,
    my_rooms,
    teams,
    team_members,
    team_invitations,
    team_figures,
    invitations,
    audit,
    admin_capacity,
    admin_users,
    admin_plans,
    admin_site,
    webhooks,
)
"""In the order in which their routes are looked through."""
