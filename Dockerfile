# One image in targets that differ only in their command: rasa, actions, coach, worker, migrate; operator has the programs
# of a backup beside it.
# docker compose build, or: docker build --target rasa -t heyue-rasa:0.1.0 .
FROM python:3.10.19-slim-bookworm AS base
ENV PATH=/opt/heyue/bin:$PATH \
    PYTHONPATH=/app \
    PYTHONUNBUFFERED=1 \
    PYTHONWARNINGS=ignore \
    RASA_TELEMETRY_ENABLED=false \
    TF_CPP_MIN_LOG_LEVEL=2 \
    SQLALCHEMY_SILENCE_UBER_WARNING=1 \
    HOME=/tmp \
    HEYUE_DATA_FOLDER=/tmp/heyue
# The user of all targets has a name: the audit log writes down who ran a command.
RUN groupadd --gid 10001 heyue \
 && useradd --no-log-init --uid 10001 --gid 10001 --home-dir /tmp --no-create-home --shell /usr/sbin/nologin heyue
WORKDIR /app

# The packages: a layer of their own, 3 GB, that changes with the lock only.
FROM base AS packages
COPY .ci/uv.txt requirements.lock requirements-dev.lock ./
ARG LANGUAGE_MODEL=""
RUN python -m venv /opt/heyue \
 && pip install --no-cache-dir --require-hashes -r uv.txt \
 && uv pip sync --python /opt/heyue/bin/python --no-cache --require-hashes --compile-bytecode requirements.lock \
 && { [ -z "$LANGUAGE_MODEL" ] \
      || uv pip install --python /opt/heyue/bin/python --no-cache --require-hashes --compile-bytecode -c requirements-dev.lock \
         "$(grep -o '^openai==[^ ]*' requirements-dev.lock)"; }

# The models, trained here once: nothing is learnt, fetched or compiled when a container starts.
FROM packages AS training
COPY . .
RUN python -m bot.train && python -m compileall -q heyue bot actions coach_ui

# Below the code, which changes more often. slim images lack the folders of man pages that postgresql-client links into.
FROM base AS programs
RUN mkdir -p /usr/share/man/man1 /usr/share/man/man7 \
 && apt-get update \
 && apt-get install -y --no-install-recommends \
    fontconfig=2.14.* fonts-noto-cjk=1:20220127+repack1-1 postgresql-client-15=15.* \
 && rm -rf /var/lib/apt/lists/*

# Code, models and packages belong to root; the product runs as a user that can change none of them.
FROM base AS product
COPY --from=packages /opt/heyue /opt/heyue
COPY --from=training /app /app
USER 10001:10001

FROM product AS migrate
CMD ["python", "-m", "heyue.cli", "migrate"]

FROM product AS actions
EXPOSE 5055
CMD ["python", "-m", "actions", "--interface", "0.0.0.0", "--port", "5055"]

FROM product AS coach
COPY --from=programs /usr/share/fonts /usr/share/fonts
EXPOSE 8501
CMD ["python", "-m", "streamlit", "run", "coach_ui/app.py", "--server.address", "0.0.0.0", "--server.port", "8501"]

FROM product AS worker
CMD ["python", "-m", "heyue.cli", "worker"]

FROM product AS rasa
EXPOSE 5005
CMD ["python", "-m", "bot.serve", "--interface", "0.0.0.0", "--port", "5005", "--endpoints", "bot/endpoints.server.yml"]

FROM programs AS operator
COPY --from=product /opt/heyue /opt/heyue
COPY --from=product /app /app
USER 10001:10001
CMD ["python", "-m", "heyue.cli", "doctor"]
