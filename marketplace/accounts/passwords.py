"""Passwords: argon2id hashes, and what a good password is."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from marketplace.errors import N_

SHORTEST, LONGEST = 10, 128
_hasher = PasswordHasher()

#: Verified when no such account exists, so that the answer takes as long as for a real one.
_NOBODY = _hasher.hash("nobody has this password")


def hash_password(password: str) -> str:
    """The argon2id hash to store."""
    return _hasher.hash(password)


def verify(stored: str | None, password: str) -> bool:
    """Whether the password belongs to the hash; takes the same time without a hash."""
    try:
        return _hasher.verify(stored or _NOBODY, password) and stored is not None
    except (VerifyMismatchError, InvalidHashError):
        return False


def outdated(stored: str) -> bool:
    """Whether the hash should be made anew with today's cost."""
    return _hasher.check_needs_rehash(stored)


def weakness(password: str, *, name: str = "", address: str = "") -> str | None:
    """Why a password is refused, as a sentence that says what would be right; None when it is fine."""
    if len(password) < SHORTEST:
        return N_("密码至少 10 位，可以用几个词连起来。")
    if len(password) > LONGEST:
        return N_("密码最多 128 位。")
    if len(set(password)) < 5:
        return N_("密码里重复的字符太多，请换一个。")
    lowered = password.lower()
    if any(part and part.lower() in lowered for part in (name, address.split("@")[0])):
        return N_("密码里不要包含姓名或账号，请换一个。")
    return None
