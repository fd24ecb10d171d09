# One image for the bot, the action server and the coach; the models are trained while it is built.
FROM python:3.10-slim-bookworm

ENV PYTHONUNBUFFERED=1 \
    PYTHONWARNINGS=ignore \
    RASA_TELEMETRY_ENABLED=false \
    TF_CPP_MIN_LOG_LEVEL=2 \
    SQLALCHEMY_SILENCE_UBER_WARNING=1 \
    HEYUE_DATA_FOLDER=/data

WORKDIR /app
COPY .ci/uv.txt requirements.lock ./
RUN pip install --no-cache-dir --require-hashes -r uv.txt \
 && uv pip sync --system --no-cache --require-hashes --compile-bytecode requirements.lock

COPY . .
RUN uv pip install --system --no-cache --no-deps --no-build-isolation --editable . \
 && python -m bot.train \
 && useradd --system --create-home heyue \
 && install -d -o heyue /data
USER heyue
VOLUME /data
