"""Everything that the audit log says was done, as data. An action that is not here fails a test, and so does one that
nobody writes.
"""

from collections.abc import Mapping
from types import MappingProxyType

ACTIONS: Mapping[str, str] = MappingProxyType(
    {
        "api_key.deleted": "a program may no longer act for somebody",
        "api_key.made": "a program may act for somebody",
        "erasure.requested": "somebody wants their account gone, with everything of theirs",
        "export.requested": "somebody wants everything that is stored of them",
        "invitation.made": "a link into a team, or to the server, was given out",
        "invitation.revoked": "a link was taken back",
        "invitation.taken": "somebody came by a link",
        "job.released": "work that was given up is begun again",
        "meeting.cancelled": "a meeting of a room was taken out of its calendar",
        "meeting.changed": "a meeting of a room was moved",
        "meeting.planned": "a meeting was put into the calendar of a room",
        "password.changed": "somebody has another password",
        "plans.switched": "plans count from now on, or do not",
        "room.changed": "a lasting room was set up anew",
        "room.deleted": "a lasting room is gone",
        "room.host_added": "somebody hosts a room beside its owner",
        "room.host_removed": "somebody no longer hosts a room",
        "room.made": "there is a lasting room",
        "session.all_ended": "somebody was signed out everywhere, or everywhere else",
        "session.ended": "somebody was signed out of one browser",
        "session.opened": "somebody signed in",
        "session.refused": "somebody gave a wrong address or password",
        "session.reused": "a refresh token came a second time: it was stolen, and the session has ended",
        "team.created": "there is a team",
        "team.deleted": "a team is gone",
        "team.left": "somebody left a team",
        "team.member_removed": "somebody was taken out of a team",
        "team.renamed": "a team is called otherwise",
        "team.role_changed": "somebody may more in a team, or less",
        "user.changed": "an account has another name, plan or right, or was closed or opened",
        "user.erased": "an account is gone, with everything of it",
        "user.linked": "an account can be signed in to by the provider",
        "user.made": "there is an account",
        "webhook.created": "an address is told what happens in a team",
        "webhook.deleted": "an address is no longer told",
        "webhook.disabled": "an address is told nothing for now",
        "webhook.enabled": "an address is told again",
    }
)
