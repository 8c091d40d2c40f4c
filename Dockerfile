# For machines with NVIDIA GPUs: the host needs a driver and the NVIDIA Container Toolkit, PyTorch's wheels bring CUDA.
#   docker build -t ganaug .
#   docker run --rm -it --gpus all --ipc host --user "$(id -u):$(id -g)" -v "$PWD:/project" ganaug dvc repro
FROM python:3.11-slim
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends git \
    && rm -rf /var/lib/apt/lists/* \
    && git config --system --add safe.directory '*'
COPY . /ganaug
RUN pip install --no-cache-dir --constraint /ganaug/constraints.txt /ganaug
ENV HOME=/tmp
WORKDIR /project
CMD ["ganaug", "--help"]
