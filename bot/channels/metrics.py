"""The figures of the bot for Prometheus at /metrics (heyue.watch): no channel, but Rasa mounts nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from prometheus_client import CONTENT_TYPE_LATEST
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from rasa.core.channels.channel import InputChannel
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.channels.answering import Handler
from heyue.desk import desk_of_process
from heyue.desk.figures import StoreFigures
from heyue.settings import ZONE
from heyue.watch.exposition import FORBIDDEN, PATH, exposition, refusal


class BotFigures(Collector):
    """What no other process shows, so that its absence says that no bot is there."""

    def describe(self) -> list[Metric]:
        """Nothing beforehand."""
        return []

    def collect(self) -> Iterator[Metric]:
        """One gauge, always 1."""
        yield GaugeMetricFamily("heyue_bot_up", "A process of the bot answers.", value=1)


class HeyueMetrics(InputChannel):
    """Shows figures to this machine, or to who has the token."""

    @classmethod
    def name(cls) -> str:
        return "metrics"

    def url_prefix(self) -> str:
        """Not below /webhooks, as everything else."""
        return PATH

    def blueprint(self, on_new_message: Handler) -> Blueprint:
        """The one route."""
        routes = Blueprint("heyue_metrics", __name__)
        store = StoreFigures(desk_of_process, lambda: datetime.now(ZONE))

        @routes.route("/", methods=["GET"], strict_slashes=False)
        async def show(request: Request) -> HTTPResponse:
            if why := refusal(request.ip, request.headers):
                return response.text(why, FORBIDDEN)
            return response.raw(exposition(store, BotFigures()), content_type=CONTENT_TYPE_LATEST)

        return routes
