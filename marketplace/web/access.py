"""Who may open an address at all. Every view says so; a start-up check finds the one that does not.

This is the door only: what a person may see or do to a record is decided by the service.
"""

from collections.abc import Callable
from functools import wraps

from flask import Flask, redirect, request, url_for

from marketplace.errors import Forbidden
from marketplace.permissions import MARKET, Permission, Role, can
from marketplace.web import context

_MARK = "_access"
_OWN_STATIC = frozenset({"static", "bootstrap.static"})


def public(view: Callable) -> Callable:
    """Anybody may open it."""
    return _marked(view, "public")


def signed_in(view: Callable) -> Callable:
    """Anybody with an account; others are sent to log in and come back."""

    @wraps(view)
    def wrapper(*args, **kwargs):
        return _ask_to_log_in() or view(*args, **kwargs)

    return _marked(wrapper, "signed in")


def for_roles(*roles: Role) -> Callable:
    """People with one of these roles; other people get 403."""

    def decorate(view: Callable) -> Callable:
        @wraps(view)
        def wrapper(*args, **kwargs):
            response = _ask_to_log_in()
            if response is not None:
                return response
            if not context.actor().roles() & set(roles):
                raise Forbidden
            return view(*args, **kwargs)

        return _marked(wrapper, ", ".join(roles))

    return decorate


def for_permission(permission: Permission) -> Callable:
    """People who have a permission over the market as a whole; other people get 403."""

    def decorate(view: Callable) -> Callable:
        @wraps(view)
        def wrapper(*args, **kwargs):
            response = _ask_to_log_in()
            if response is not None:
                return response
            if not can(context.actor(), permission, MARKET):
                raise Forbidden
            return view(*args, **kwargs)

        return _marked(wrapper, permission)

    return decorate


def check(app: Flask) -> None:
    """Raise RuntimeError naming every address whose view does not say who may open it."""
    silent = sorted(
        name
        for name, view in app.view_functions.items()
        if name not in _OWN_STATIC and not hasattr(view, _MARK)
    )
    if silent:
        raise RuntimeError(f"views without an access mark: {', '.join(silent)}")


def _marked(view: Callable, mark: str) -> Callable:
    setattr(view, _MARK, mark)
    return view


def _ask_to_log_in():
    if context.actor().user_id is not None:
        return None
    target = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("accounts.login", next=target))
