"""Messages of a WeChat Official Account: free words inside the 48 hours, template and subscription messages outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from heyue.delivery.configuration import required, templates_in
from heyue.delivery.sender import REFUSED, ProviderState, Receipt
from heyue.delivery.wechat_client import Account, SharedTokenClient, number_of, receipt_of
from heyue.errors import BadInput
from heyue.records import OutboundMessage

URL = "https://api.weixin.qq.com"
PATHS = {"template": "message/template/send", "subscription": "message/subscribe/bizsend"}


@dataclass(frozen=True)
class Template:
    """An approved template of the account. `fields`: its fields, each with the name of our parameter that fills it."""

    template_id: str
    by: str
    fields: Mapping[str, str]


class WechatOfficial:
    """Sends the messages of one Official Account."""

    name = "wechat_official"
    channel = "wechat"

    def __init__(self, client: SharedTokenClient, templates: Mapping[str, Template]) -> None:
        self._client = client
        self._templates = templates

    def send(self, message: OutboundMessage, at: datetime) -> Receipt:
        """Give a message to WeChat."""
        template = self._templates.get(message.template) if message.template else None
        if message.template and template is None:
            return Receipt(REFUSED, code="template_not_configured")
        if template and any(name not in message.parameters for name in template.fields.values()):
            return Receipt(REFUSED, code="template_parameter_missing")
        path, data = _filled(template, message) if template else _free_words(message)
        return receipt_of(self._client, lambda: self._client.call(path, data, at))


def _free_words(message: OutboundMessage) -> tuple[str, dict[str, Any]]:
    return "message/custom/send", {"touser": message.address, "msgtype": "text", "text": {"content": message.text}}


def _filled(template: Template, message: OutboundMessage) -> tuple[str, dict[str, Any]]:
    data = {name: {"value": message.parameters[ours]} for name, ours in template.fields.items()}
    said = {"touser": message.address, "template_id": template.template_id, "data": data}
    if template.by == "template":  # WeChat itself drops a second one of the same number
        said["client_msg_id"] = number_of(message.message_id)
    return PATHS[template.by], said


def templates_of(path: str | None) -> dict[str, Template]:
    """The templates in a YAML file, by our names: `reminder_early: {id: …, by: template, fields: {thing1: creditor}}`.

    Raises:
        BadInput: the file cannot be read or says something else.
    """
    found = templates_in(
        path, "HEYUE_WECHAT_TEMPLATES", lambda each: Template(each["id"], each["by"], dict(each["fields"]))
    )
    if strange := [name for name, each in found.items() if each.by not in PATHS]:
        raise BadInput(f"HEYUE_WECHAT_TEMPLATES: `by` of {strange[0]} must be one of {', '.join(PATHS)}")
    return found


def sender_from(environment: Mapping[str, str], state: ProviderState) -> WechatOfficial:
    """The sender of the configured account.

    Raises:
        BadInput: the secret is missing, or the file of templates is not one.
    """
    (secret,) = required(environment, "HEYUE_WECHAT_APP_ID", "HEYUE_WECHAT_SECRET")
    app_id = environment["HEYUE_WECHAT_APP_ID"]
    account = Account(
        "official", app_id, environment.get("HEYUE_WECHAT_URL") or URL, "token",
        {"grant_type": "client_credential", "appid": app_id, "secret": secret},
    )  # fmt: skip
    return WechatOfficial(SharedTokenClient(account, state), templates_of(environment.get("HEYUE_WECHAT_TEMPLATES")))
