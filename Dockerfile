# syntax=docker/dockerfile:1
# docs/service.md says how it is built, given a key, and run.

# The Python that the tests run on; a new tag is a change of this line.
FROM python:3.11.14-slim-bookworm AS base
# libgomp1 is what the embedded model's server is linked with. Debian keeps the newest build of a release only, so none can be named.
# hadolint ignore=DL3008
RUN apt-get update \
  && apt-get install --yes --no-install-recommends libgomp1 \
  && rm -rf /var/lib/apt/lists/*


FROM base AS built
WORKDIR /build
COPY requirements.lock ./
# Everything of the lock, checked by its hashes; what follows is installed from these files and nothing else.
RUN pip download --no-cache-dir --no-deps --only-binary :all: --require-hashes --requirement requirements.lock --dest /wheels
COPY pyproject.toml README.md LICENSE ./
COPY examples ./examples
COPY prompts ./prompts
COPY extractor ./extractor
RUN python -m venv /opt/claim-extractor \
  && /opt/claim-extractor/bin/pip install --no-cache-dir --no-index --find-links /wheels '.[fast,local,otel,redis,service]'


FROM base
COPY --from=built /opt/claim-extractor /opt/claim-extractor
ENV PATH=/opt/claim-extractor/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/var/cache/claim-extractor \
    EXTRACTOR_CACHE_DIR=/var/cache/claim-extractor \
    EXTRACTOR_SERVICE_FOLDER=/var/lib/claim-extractor
RUN install --directory --mode=0700 --owner=10001 --group=10001 /var/cache/claim-extractor /var/lib/claim-extractor
USER 10001:10001
# --build-arg MODEL=local/qwen2.5-coder-1.5b puts model and parser into the image; without it the first start fetches them.
ARG MODEL=""
RUN if [ -n "${MODEL}" ]; then extractor models pull "${MODEL}"; fi
VOLUME ["/var/cache/claim-extractor", "/var/lib/claim-extractor"]
EXPOSE 8000
# No proxy of the environment: it would be asked for this very machine.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
  CMD ["python", "-c", "from urllib.request import ProxyHandler, build_opener; build_opener(ProxyHandler({})).open('http://127.0.0.1:8000/livez', timeout=4)"]
ENTRYPOINT ["extractor"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
