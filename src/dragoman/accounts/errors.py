"""What can go wrong with accounts. A branch of the tree in ``ground/errors.py``.

InputError
└── AccountError
    ├── NotSignedIn             401: nobody, or no longer, signed in
    │   └── WrongCredentials    e-mail or password
    ├── Forbidden               403: known, and not allowed
    │   ├── AccountDisabled
    │   ├── SignUpClosed        accounts are made by invitation
    │   ├── OidcRefused         the provider, or the rules for who comes from it
    │   └── LimitReached        of a plan; the message says which, and what would help
    ├── AccountNotFound         404, and so are things of others
    │   ├── SessionNotFound
    │   ├── OidcOff             no provider is set
    │   ├── ApiKeyNotFound
    │   ├── TeamNotFound
    │   ├── MemberNotFound
    │   ├── InvitationNotFound
    │   ├── JobNotFound
    │   ├── ExportNotFound
    │   └── WebhookNotFound
    ├── EmailTaken              409
    ├── AlreadyMember           409
    ├── LastOwner               409: a team keeps one
    ├── LastAdmin               409: the server keeps one
    ├── JobNotParked            409: there is nothing to begin again
    ├── TooMany                 409: as many as there may be, on every plan; the message says what would help
    │   ├── TooManyApiKeys
    │   ├── TooManyInvitations
    │   ├── TooManyTeams
    │   ├── TooManyWebhooks
    │   └── TeamFull
    ├── EmailInvalid            422
    ├── PasswordRefused         422
    ├── OidcUnavailable         503: the provider is away, or answers with nonsense
    ├── PlanLimitsInvalid       422: no such plan or limit, or not a value of it
    ├── WebhookAddressRefused   422: no https, or inside a network
    ├── IdempotencyKeyReused    422: with another request
    ├── RequestUnderWay         409: the first of its idempotency key
    └── AnswerNotKept           409: it was done, and the answer carried a secret
"""

from dragoman.ground.errors import InputError


class AccountError(InputError):
    """A request about accounts cannot be granted."""

    code = "account_error"


class NotSignedIn(AccountError):
    """There is no access token or API key, or it is worth nothing (any more)."""

    code = "not_signed_in"


class WrongCredentials(NotSignedIn):
    """No account has this e-mail address and this password."""

    code = "wrong_credentials"


class Forbidden(AccountError):
    """Whoever asks is known, and may not do this."""

    code = "forbidden"


class SignUpClosed(Forbidden):
    """Accounts are made by invitation here, and there is none."""

    code = "sign_up_closed"


class AccountDisabled(Forbidden):
    """An admin has closed the account."""

    code = "account_disabled"


class LimitReached(Forbidden):
    """A limit of the plan."""

    code = "limit_reached"


class AccountNotFound(AccountError):
    """There is no such account, or it is nobody's business."""

    code = "account_not_found"


class SessionNotFound(AccountNotFound):
    """The caller has no such session."""

    code = "session_not_found"


class ApiKeyNotFound(AccountNotFound):
    """The caller has no such API key."""

    code = "api_key_not_found"


class TeamNotFound(AccountNotFound):
    """The caller is in no such team."""

    code = "team_not_found"


class MemberNotFound(AccountNotFound):
    """Nobody of this id is in the team."""

    code = "member_not_found"


class InvitationNotFound(AccountNotFound):
    """There is no such invitation, or it was used, taken back, or is too old."""

    code = "invitation_not_found"


class JobNotFound(AccountNotFound):
    """The caller ordered no such job, or it ended more than a week ago."""

    code = "job_not_found"


class ExportNotFound(AccountNotFound):
    """The caller has no such export, it is not done, or it is too old."""

    code = "export_not_found"


class AlreadyMember(AccountError):
    """They are in the team already."""

    code = "already_member"


class LastOwner(AccountError):
    """The team would have no owner."""

    code = "last_owner"


class LastAdmin(AccountError):
    """The server would have no admin."""

    code = "last_admin"


class JobNotParked(AccountError):
    """The job was not given up: it waits, runs or is over."""

    code = "job_not_parked"


class TooMany(AccountError):
    """There are as many as there may be, whatever the plan."""

    code = "too_many"


class TooManyApiKeys(TooMany):
    """The account has as many API keys as one can have."""

    code = "too_many_api_keys"


class TooManyInvitations(TooMany):
    """As many invitations are open as the team, or the server, can have."""

    code = "too_many_invitations"


class TooManyTeams(TooMany):
    """The person is in as many teams as one can be."""

    code = "too_many_teams"


class TooManyWebhooks(TooMany):
    """The team has as many webhooks as one can have."""

    code = "too_many_webhooks"


class TeamFull(TooMany):
    """The team has as many people as one can have."""

    code = "team_full"


class EmailTaken(AccountError):
    """An account has this e-mail address."""

    code = "email_taken"


class EmailInvalid(AccountError):
    """This is no e-mail address that mail can be sent to."""

    code = "email_invalid"


class PasswordRefused(AccountError):
    """The password is too easy to guess."""

    code = "password_refused"


class PlanLimitsInvalid(AccountError):
    """There is no such plan or limit, or it does not take this value."""

    code = "plan_limits_invalid"


class WebhookNotFound(AccountNotFound):
    """The team has no such webhook."""

    code = "webhook_not_found"


class WebhookAddressRefused(AccountError):
    """Webhooks are not delivered to this address."""

    code = "webhook_address_refused"


class IdempotencyKeyReused(AccountError):
    """The idempotency key came with another request before."""

    code = "idempotency_key_reused"


class RequestUnderWay(AccountError):
    """The first request of this idempotency key has no answer yet."""

    code = "request_under_way"


class AnswerNotKept(AccountError):
    """The request of this idempotency key was done; its answer carried a secret, which is not kept."""

    code = "answer_not_kept"


class OidcRefused(Forbidden):
    """Somebody came from the provider of OpenID Connect and cannot be let in."""

    code = "oidc_refused"


class OidcOff(AccountNotFound):
    """People sign in here with a password; no provider of OpenID Connect is set."""

    code = "oidc_off"


class OidcUnavailable(AccountError):
    """The provider of OpenID Connect does not answer, or not as such a provider does."""

    code = "oidc_unavailable"
