"""A user of a world who logs in by password."""

import secrets


class Account:
    """Made by the administrator's token; the password is in this process's memory only."""

    def __init__(self, rest, username="admin", scopes=("admin",)):
        self.username = username
        self.password = secrets.token_urlsafe(18)
        body = {"username": username, "password": self.password, "scopes": list(scopes)}
        self.user = rest.post("/users", body).must(201).data

    def session(self, rest):
        """A new session's cookie, `NAME=VALUE`."""
        body = {"username": self.username, "password": self.password}
        return rest.by().post("/auth/login", body).must(200).headers["Set-Cookie"].split(";")[0]
