"""Checks of what the product talks to: Redis for jobs and for locks, the event broker, the bot, a language model; and of
what others may ask of it: figures, and the tokens that they need."""

from __future__ import annotations

import importlib.util
import os
from datetime import datetime

import httpx
import redis
import yaml

from heyue.jobs.queue import open_queue
from heyue.launch.checkup.finding import NOT_NEEDED, Bad, Unproved
from heyue.launch.checkup.machine import PACKAGE
from heyue.settings import ACTIONS_TOKEN, Settings
from heyue.watch import exposition

ENDPOINTS, BROKER = "endpoints*.yml", "bot.transcript_broker.TranscriptBroker"
WAIT_SECONDS = 3.0
REDIS_PORT = "6379"
TOKENS = (ACTIONS_TOKEN, exposition.TOKEN_VARIABLE, "HEYUE_TRANSCRIPT_TOKEN")
LAST_PORT = 65_535
SHORTEST_TOKEN = 24  # characters, as of a callback's address


def queue(settings: Settings, now: datetime) -> str:
    """The Redis of the jobs answers."""
    if settings.queue_url is None:
        return NOT_NEEDED
    try:
        open_queue(settings)  # refuses what is no address of a Redis
        server = redis.Redis.from_url(settings.queue_url, socket_timeout=WAIT_SECONDS, socket_connect_timeout=WAIT_SECONDS)
    except ValueError:  # it is not repeated: it may hold a password
        raise Bad("HEYUE_QUEUE_URL 不是 Redis 的地址") from None
    return _answer(server)


def locks(settings: Settings, now: datetime) -> str:
    """The Redis of the bot's locks answers."""
    host = os.environ.get("HEYUE_REDIS_HOST")
    if not host:
        return NOT_NEEDED
    port = os.environ.get("HEYUE_REDIS_PORT") or REDIS_PORT
    if not _is_port(port):
        raise Bad("HEYUE_REDIS_PORT 不是端口号")
    return _answer(redis.Redis(host, int(port), socket_timeout=WAIT_SECONDS, socket_connect_timeout=WAIT_SECONDS))


def _is_port(said: str) -> bool:
    return said.isdecimal() and 0 < int(said) <= LAST_PORT


def _answer(server: redis.Redis) -> str:
    try:
        version = server.info("server")["redis_version"]
    except redis.RedisError as error:
        raise Bad(f"Redis 没有应答（{type(error).__name__}）") from error
    finally:
        server.close()
    return f"Redis {version}"


def broker(settings: Settings, now: datetime) -> str:
    """Every configuration of the bot writes what is said into the store."""
    files = sorted((PACKAGE.parent / "bot").glob(ENDPOINTS))
    wrong = [each.name for each in files if _broker_of(each.read_text(encoding="utf-8")) != BROKER]
    if wrong or not files:
        raise Bad(f"{'、'.join(wrong) or 'bot/endpoints.yml'} 没有写明 event_broker")
    return "、".join(each.name for each in files)


def _broker_of(text: str) -> str | None:
    try:
        found = yaml.safe_load(text)["event_broker"]["type"]
    except (yaml.YAMLError, TypeError, KeyError):  # no YAML, or of another form: nothing is named
        return None
    return str(found)


def bot(settings: Settings, now: datetime) -> str:
    """The bot answers, if it runs."""
    try:
        answer = httpx.get(f"{settings.bot_url}/webhooks/rest/", timeout=WAIT_SECONDS, trust_env=False)
    except httpx.ConnectError:
        return NOT_NEEDED
    except httpx.HTTPError as error:
        raise Bad(f"{settings.bot_url} 没有应答（{type(error).__name__}）") from error
    if answer.status_code != httpx.codes.OK:
        raise Bad(f"{settings.bot_url} 应答 HTTP {answer.status_code}")
    return settings.bot_url


def language_model(settings: Settings, now: datetime) -> str:
    """The endpoint answers and lets us in. Nothing of anybody's is sent to it."""
    model = settings.language_model
    if model is None:
        return NOT_NEEDED
    if importlib.util.find_spec("openai") is None:
        raise Bad("设置了 HEYUE_LLM_URL，没有安装 openai", "package")
    header = {"Authorization": f"Bearer {model.key}"} if model.key else {}
    try:
        answer = httpx.get(f"{model.url}/models", headers=header, timeout=WAIT_SECONDS)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Bad(f"没有应答（{type(error).__name__}）") from error
    if answer.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        raise Bad(f"HTTP {answer.status_code}", "key")
    if answer.status_code == httpx.codes.NOT_FOUND:
        raise Unproved(f"{model.url}/models 应答 HTTP 404：这台服务器没有模型列表，或地址写错", "no_list")
    if answer.is_redirect:
        raise Bad(f"应答 HTTP {answer.status_code}，转到了别处，可能是登录页")
    if answer.status_code != httpx.codes.OK:
        raise Bad(f"应答 HTTP {answer.status_code}")
    if not _is_json(answer):
        raise Bad("应答的不是 JSON，可能是登录页")
    return f"{model.model}，用于 {'、'.join(sorted(model.uses))}"


def _is_json(answer: httpx.Response) -> bool:
    try:
        return isinstance(answer.json(), dict)
    except ValueError:
        return False


def metrics(settings: Settings, now: datetime) -> str:
    """Other machines get no figures without a token."""
    port = os.environ.get(exposition.PORT_VARIABLE)
    if not port:
        return NOT_NEEDED
    if not _is_port(port):
        raise Bad(f"{exposition.PORT_VARIABLE} 不是端口号")
    return f"{exposition.address_of_figures()}:{port}"


def tokens(settings: Settings, now: datetime) -> str:
    """The tokens that are set are long enough to be no guess."""
    given = {name: os.environ[name] for name in TOKENS if os.environ.get(name)}
    if short := [name for name, token in given.items() if len(token) < SHORTEST_TOKEN]:
        raise Bad(f"{'、'.join(short)} 短于 {SHORTEST_TOKEN} 个字符")
    return "、".join(given) or NOT_NEEDED


CHECKS = {
    "queue": queue, "locks": locks, "broker": broker, "bot": bot, "language_model": language_model, "metrics": metrics,
    "tokens": tokens,
}  # fmt: skip
