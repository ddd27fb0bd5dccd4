# The bot as a container image: `docker build -t listkeeper .`; docs/operations.md says how to run it.
FROM python:3.11-slim AS build
WORKDIR /app
COPY requirements.lock ./
# The lock has the tools of the tests too; what only they need is small beside the rest.
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements.lock

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /data listkeeper && install -d -o listkeeper -m 0700 /data
COPY --from=build /venv /venv
WORKDIR /app
COPY bot bot
COPY commands commands
COPY convertkit convertkit
COPY jobs jobs
COPY storage storage
COPY verification verification
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 DATA_DIR=/data
USER listkeeper
VOLUME /data
# SIGTERM hands the work back and exits within ten seconds.
STOPSIGNAL SIGTERM
ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]
