FROM python:3.13-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE goldenthread.py ./
COPY api api
COPY graph graph
COPY loaders loaders
COPY queries queries
COPY seed seed
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM python:3.13-slim
COPY constraints.txt /tmp/
COPY --from=build /wheels /tmp/wheels
RUN pip install --no-cache-dir -c /tmp/constraints.txt "$(echo /tmp/wheels/*.whl)[fast]" \
    && rm -r /tmp/wheels /tmp/constraints.txt \
    && useradd --uid 10001 --no-create-home goldenthread
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=10s --start-period=20s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/health', timeout=3)"]
ENTRYPOINT ["goldenthread"]
CMD ["serve", "--host", "0.0.0.0"]
