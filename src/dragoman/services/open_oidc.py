"""Open sign-in by OpenID Connect as the settings say. From open_accounts.py; to accounts/oidc.py."""

from collections.abc import Callable
from datetime import datetime

from dragoman.accounts.oidc import OidcSignIn
from dragoman.accounts.oidc_provider import OidcClient, OidcProvider
from dragoman.accounts.sessions import Sessions
from dragoman.services.api.answers import clean_name
from dragoman.settings import Settings
from dragoman.store.database import Database


def open_oidc(
    settings: Settings, database: Database, sessions: Sessions, *, key: bytes, clock: Callable[[], datetime]
) -> OidcSignIn | None:
    """Give it, or None where no provider is set. Raises ``SettingsInvalid``; the provider is not asked yet."""
    if not settings.oidc_issuer:
        return None
    secret = settings.oidc_client_secret
    client = OidcClient(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=secret.get_secret_value() if secret and secret.get_secret_value() else None,
    )
    provider = OidcProvider(client)
    return OidcSignIn(database, sessions, provider, key=key, who=settings.sign_up, clean_name=clean_name, clock=clock)
