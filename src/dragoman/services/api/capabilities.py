"""``/capabilities``: what works on this machine now, and what models would add. As ``dragoman doctor`` says it."""

from fastapi import APIRouter, Request
from pydantic import BaseModel

from dragoman.services.api.host_access import takes_password
from dragoman.services.api.parts import parts_of
from dragoman.services.api.rooms import DirectionAnswer

router = APIRouter(prefix="/capabilities", tags=["capabilities"])


class OfferAnswer(BaseModel):
    conversations: list[tuple[str, str]]
    """Pairs of languages that would work both ways."""
    download_mb: int
    command: str


class CapabilitiesAnswer(BaseModel):
    directions: list[DirectionAnswer]
    offers: list[OfferAnswer]
    missing: list[str]
    """What is not here and how to get it, a sentence each."""
    host_password: bool
    """Making a room takes the host password, of whoever asks from where this was asked."""


@router.get("")
async def capabilities(request: Request) -> CapabilitiesAnswer:
    """Say which directions work now, and which models would add others."""
    parts = parts_of(request)
    diagnosis = await parts.directions.diagnosis()
    return CapabilitiesAnswer(
        directions=[DirectionAnswer(source=it.source, target=it.target, voice=it.voice) for it in diagnosis.directions],
        offers=[
            OfferAnswer(
                conversations=[(one, other) for one, other in offer.conversations],
                download_mb=offer.download_mb,
                command=offer.command,
            )
            for offer in diagnosis.offers
        ],
        missing=list(diagnosis.missing),
        host_password=takes_password(parts, request),
    )
