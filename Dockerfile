# The page and the API in one image, without PyTorch: docs/deployment.md, "In a container".
#   docker build --tag vocation .
#   docker run --rm --publish 8501:8501 --volume "$PWD/models:/bundle:ro" vocation
# The base image is named by its tag: a digest could not be read where this was written. To get the same image
# every time, write the one that `docker buildx imagetools inspect python:3.12-slim` prints behind both tags.
FROM python:3.12-slim AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE constraints.txt ./
COPY src src
COPY streamlit_app streamlit_app
RUN python -m venv /opt/vocation \
 && /opt/vocation/bin/python -m pip install --no-cache-dir --constraint constraints.txt ".[app,api]"

FROM python:3.12-slim
COPY --from=build /opt/vocation /opt/vocation
# Nothing is written but in /tmp, so that the root can be read-only. A command on another port names its HEALTH_URL.
ENV PATH=/opt/vocation/bin:/usr/local/bin:/usr/bin:/bin \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HEALTH_URL=http://127.0.0.1:8501/_stcore/health
# A number, which needs no entry in /etc/passwd: any other will do as well.
USER 10001:10001
WORKDIR /tmp
EXPOSE 8501 8000
# Without a proxy: what docker sets for the internet must not be asked for this container's own address.
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.build_opener(u.ProxyHandler({})).open(os.environ['HEALTH_URL'], timeout=4)"]
CMD ["vocation", "app", "--bundle", "/bundle", "--host", "0.0.0.0", "--port", "8501"]
