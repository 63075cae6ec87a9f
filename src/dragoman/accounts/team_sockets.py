"""How many messages the WebSockets of a team send together, and which of them is closed when it is too many. Plain.

From socket_rates.py of the API; beside rate_limits.py, which counts each of them. Every socket brings its team a fair
share, so that a team may send more the more it has open; who keeps to the share is never closed for what others send
(docs/decisions/0025).
"""

from collections.abc import Set

from dragoman.accounts.rate_limits import SOCKET_RATE, Rate, SocketMessages

TEAM_SHARE = Rate(2000, SOCKET_RATE.within_s)
"""Of each of its sockets, messages: half a minute of sound at once, of who reconnects, and ten seconds more."""

NO_TEAMS: frozenset[str] = frozenset()


class _Team:
    """The open sockets of one team."""

    def __init__(self) -> None:
        self.sockets: dict[SocketMessages, None] = {}
        """Those that have sent something."""
        self.at_most = 0
        """They have sent no more than this together; counted anew only where it says too many."""
        self.closed: list[SocketMessages] = []
        """For what they sent. Until their window is over their shares are the others': one that goes is enough."""

    def loudest(self) -> SocketMessages | None:
        """Give the socket to close: the one that has sent most, if all together have sent too much.

        It has sent more than its share, for so have they on average.
        """
        if self.at_most <= _most(len(self.sockets)):
            return None
        self.at_most = sum(it.sent for it in self.sockets)
        self.closed = [it for it in self.closed if it.sent]
        if self.at_most <= _most(len(self.sockets) + len(self.closed)):
            return None
        return max(self.sockets, key=lambda it: it.sent)


def _most(sockets: int) -> int:
    """Say what so many may send together. One alone may send what any socket may."""
    return max(SOCKET_RATE.most, TEAM_SHARE.most * sockets)


class TeamSockets:
    """Counts the messages of the sockets of every team. One for a process, and for one thread."""

    def __init__(self) -> None:
        self._teams: dict[str, _Team] = {}
        self._teams_of: dict[SocketMessages, Set[str]] = {}
        self._to_close: set[SocketMessages] = set()

    def place(self, socket: SocketMessages, team_ids: Set[str]) -> None:
        """Count ``socket`` in these teams from now on and in no others; what it has sent goes with it.

        ``NO_TEAMS`` is owed for it when it is closed.
        """
        before = self._teams_of.get(socket, NO_TEAMS)
        if socket in self._to_close or team_ids == before:
            if not team_ids:
                self._to_close.discard(socket)
            return
        for team_id in before - team_ids:
            team = self._teams[team_id]
            del team.sockets[socket]
            if not team.sockets:
                del self._teams[team_id]
        for team_id in team_ids - before:
            team = self._teams.setdefault(team_id, _Team())
            team.sockets[socket] = None
            team.at_most += socket.sent
        if team_ids:
            self._teams_of[socket] = team_ids
        else:
            self._teams_of.pop(socket, None)

    def takes_message(self, socket: SocketMessages) -> bool:
        """Take the message that ``socket`` has just counted; False if this is the one to close.

        Whoever sends the message that is too many: the loudest of the team is closed, at its own next one. What it has
        sent counts no longer from here on, so that nobody else is closed for it.
        """
        for team_id in self._teams_of.get(socket, NO_TEAMS):
            team = self._teams[team_id]
            team.at_most += 1
            while (loudest := team.loudest()) is not None:
                self._shut(loudest)
            if socket in self._to_close:
                break
        return socket not in self._to_close

    def leaves(self, socket: SocketMessages) -> None:
        """Count no longer what ``socket`` has sent, which is closed for another limit; its share stays a while."""
        if socket in self._teams_of:
            self._shut(socket)
            self._to_close.discard(socket)

    def _shut(self, socket: SocketMessages) -> None:
        for team_id in self._teams_of[socket]:
            self._teams[team_id].closed.append(socket)
        self.place(socket, NO_TEAMS)
        self._to_close.add(socket)
