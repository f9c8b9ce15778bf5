"""Sending a short text to a phone: the console in development, an HTTP gateway in production."""

import logging
from typing import Protocol

from django.conf import settings

from gongzhi.core.errors import Refused

log = logging.getLogger("gongzhi.sms")


class NotSent(Refused):
    """短信没有发出去，请过一会儿再试，或请社区工作人员帮您登录。"""

    code = "not_sent"
    status = 503


class Gateway(Protocol):
    """Whatever can send a text to a phone."""

    def send(self, phone: str, words: str) -> None:
        """Hand the text over; NotSent when the gateway does not take it."""


class Console:
    """Prints the text where the server was started; keeps the last ones for the demonstration."""

    def __init__(self) -> None:
        self.last: dict[str, str] = {}

    def send(self, phone: str, words: str) -> None:
        """Log it."""
        self.last[phone] = words
        log.warning("短信 %s：%s", phone, words)


class Apprise:
    """Any service apprise speaks to; `{phone}` in the address stands for the number."""

    def __init__(self, address: str) -> None:
        self.address = address

    def send(self, phone: str, words: str) -> None:
        """Send through apprise; NotSent if the service refuses."""
        import apprise  # slow to import, and only servers with a gateway need it

        sender = apprise.Apprise()
        if not sender.add(self.address.replace("{phone}", phone)) or not sender.notify(body=words):
            raise NotSent


console = Console()


def gateway() -> Gateway:
    """The gateway of this deployment: GONGZHI_SMS_URL, else the console."""
    return Apprise(settings.SMS_URL) if settings.SMS_URL else console
