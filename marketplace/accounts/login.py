"""Who is logged in: the session holds person and epoch, so that a new password ends old sessions."""

from flask import Flask, session
from flask_login import UserMixin, current_user, login_user, logout_user

from marketplace.accounts.models import User
from marketplace.accounts.services import people
from marketplace.extensions import login_manager
from marketplace.permissions import Actor
from marketplace.web import context


class LoggedIn(UserMixin):
    """The person as pages show him: name, first organisation, and what he may do."""

    def __init__(self, user: User):
        self._id = f"{user.id}:{user.session_epoch}"
        self.id = user.id
        self.display_name = user.name
        self.actor = people.actor_of(user, context.today())
        current = {member.organisation_id for member in self.actor.members}
        names = [m.organisation.name for m in user.memberships if m.organisation_id in current]
        self.organisation_name = names[0] if names else ""

    def get_id(self) -> str:
        return self._id


def register(app: Flask) -> None:
    """Bind loading of the person and of the actor."""
    login_manager.user_loader(_load)
    app.extensions["actor_loader"] = _actor


def enter(user: User) -> None:
    """Begin a fresh session for a person who proved who he is (nothing of the visitor's session stays)."""
    session.clear()
    login_user(LoggedIn(_with_memberships(user)))
    context.forget_actor()


def leave() -> None:
    """End the session."""
    logout_user()
    session.clear()
    context.forget_actor()


def _load(key: str) -> LoggedIn | None:
    user_id, _, epoch = key.partition(":")
    if not (user_id.isdigit() and epoch.isdigit()):
        return None
    user = people.load(context.session(), int(user_id))
    return LoggedIn(user) if user is not None and user.session_epoch == int(epoch) else None


def _actor() -> Actor | None:
    return current_user.actor if current_user.is_authenticated else None


def _with_memberships(user: User) -> User:
    return people.load(context.session(), user.id)
