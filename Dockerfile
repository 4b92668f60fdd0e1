# What the service needs, in a layer that changes only with these two files
FROM python:3.13-slim-trixie AS needs
WORKDIR /src
COPY pyproject.toml constraints.txt ./
RUN python -m venv --without-pip /opt/goldenthread \
    && python -c 'import tomllib; it = tomllib.load(open("pyproject.toml", "rb"))["project"]; print(*it["dependencies"], *it["optional-dependencies"]["fast"], *it["optional-dependencies"]["auth"], sep="\n")' > needs.txt \
    && pip --python /opt/goldenthread/bin/python install --no-cache-dir -c constraints.txt -r needs.txt

# Goldenthread itself, as the wheel that anybody else gets
FROM python:3.13-slim-trixie AS wheel
WORKDIR /src
COPY pyproject.toml README.md LICENSE goldenthread.py ./
COPY api api
COPY graph graph
COPY loaders loaders
COPY queries queries
COPY seed seed
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM python:3.13-slim-trixie
RUN useradd --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin goldenthread
COPY --from=needs /opt/goldenthread /opt/goldenthread
RUN --mount=type=bind,from=wheel,source=/wheels,target=/wheels \
    pip --python /opt/goldenthread/bin/python install --no-cache-dir --no-deps --no-index /wheels/*.whl
ENV PATH="/opt/goldenthread/bin:$PATH" \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    GOLDENTHREAD_HOST=0.0.0.0
USER 10001
WORKDIR /tmp
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "from http.client import HTTPConnection as To; to = To('127.0.0.1', 8000, timeout=3); to.request('GET', '/health'); raise SystemExit(to.getresponse().status != 200)"]
ENTRYPOINT ["goldenthread"]
CMD ["serve"]
