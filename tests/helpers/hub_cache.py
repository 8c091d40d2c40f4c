"""A cache of the Hugging Face hub, in huggingface_hub's layout, and an imitation of the hub itself."""

import hashlib
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import huggingface_hub.constants
import pytest
import torch
from safetensors.torch import save_file

from ganaug.core import hub


def use_cache(monkeypatch: pytest.MonkeyPatch, folder: Path, endpoint: str | None = None) -> Path:
    """Make `folder` the cache and `endpoint` the address of the hub; None: huggingface_hub believes it is offline."""
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(folder))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", endpoint is None)
    for constant, value in (("ENDPOINT", endpoint), ("HUGGINGFACE_CO_URL_TEMPLATE", f"{endpoint}{TEMPLATE}")):
        monkeypatch.setattr(huggingface_hub.constants, constant, value)
    monkeypatch.setattr(hub, "_download", hub._download.__wrapped__)  # do not remember failures
    return folder


TEMPLATE = "/{repo_id}/resolve/{revision}/{filename}"


def put(
    cache: Path, repository: str, weights: Mapping[str, torch.Tensor], commit: str, file: str = "model.safetensors"
) -> Path:
    """Add a file to the cache, as if downloaded from `main`, which is now at `commit`."""
    folder = cache / f"models--{repository.replace('/', '--')}"
    stored = folder / "snapshots" / commit / file
    stored.parent.mkdir(parents=True)
    save_file(dict(weights), stored)
    (folder / "refs").mkdir(exist_ok=True)
    (folder / "refs/main").write_text(commit)
    return stored


@contextmanager
def imitation(files: Mapping[str, bytes], commit: str) -> Iterator[str]:
    """Serve files by `<owner>/<repository>/<file>`, as the hub does at `commit`; yield the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self._answer()

        def do_GET(self) -> None:
            self.wfile.write(self._answer())

        def _answer(self) -> bytes:
            repository, _, rest = self.path.strip("/").partition("/resolve/")
            content = files.get(f"{repository}/{rest.partition('/')[2]}")
            known = any(name.startswith(f"{repository}/") for name in files)
            self.send_response(404 if content is None else 200)
            if content is None:
                self.send_header("X-Error-Code", "EntryNotFound" if known else "RepoNotFound")
            else:
                self.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
            self.send_header("X-Repo-Commit", commit)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            return content or b""

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
