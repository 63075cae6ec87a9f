"""A small client of the public API, for programs::

    with DragomanClient("https://calls.example.org", key="dgm_...") as dragoman:
        room = dragoman.make_room("Monday")
        print(room.link)

It imports nothing else of this package, so that it can be read, and copied, by itself.
"""

from dragoman.client.answers import (
    DayFigures,
    Delivery,
    Job,
    Me,
    Meeting,
    Member,
    NewWebhook,
    Opened,
    Room,
    Team,
    Webhook,
)
from dragoman.client.client import DragomanClient
from dragoman.client.errors import ApiProblem, NoAnswer
from dragoman.client.webhooks import SignatureWrong, read_webhook

__all__ = [
    "ApiProblem",
    "DayFigures",
    "Delivery",
    "DragomanClient",
    "Job",
    "Me",
    "Meeting",
    "Member",
    "NewWebhook",
    "NoAnswer",
    "Opened",
    "Room",
    "SignatureWrong",
    "Team",
    "Webhook",
    "read_webhook",
]
