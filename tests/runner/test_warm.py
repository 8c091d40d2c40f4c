"""Scripts as forks of a server see what they would see alone."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ganaug.runner import warm

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the server needs Linux")


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """The address of a server that imports nothing."""
    path = tmp_path_factory.mktemp("server") / "socket"
    code = f"import warm; warm.LIBRARIES = ('csv',); raise SystemExit(warm.serve({str(path)!r}))"
    environment = {"PYTHONPATH": str(Path(warm.__file__).parent)}
    process = subprocess.Popen([sys.executable, "-P", "-c", code], stdin=subprocess.PIPE, env=environment)
    while not path.exists():
        time.sleep(0.01)
    yield str(path)
    process.communicate(timeout=10)
    assert process.returncode == 0


def client(address, script: Path, *arguments: str, variables=(), **options) -> subprocess.Popen:
    command = [*variables, "python", str(script), *arguments]
    command = [sys.executable, "-IS", warm.__file__, address, *command]
    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
    )


def run(address, tmp_path, code: str, *arguments: str, **options) -> tuple[int, str, str]:
    script = tmp_path / "script.py"
    script.write_text(code)
    process = client(address, script, *arguments, **options)
    out, err = process.communicate(timeout=20)
    return process.returncode, out, err


def test_a_script_has_its_arguments_environment_folder_and_streams(address, tmp_path):
    (tmp_path / "beside.py").write_text("VALUE = 7\n")
    code = (
        "import os, sys, beside\n"
        "assert __name__ == '__main__' and 'csv' in sys.modules\n"
        "print(sys.argv[1:], os.environ['MINE'], os.getcwd(), beside.VALUE, repr(sys.stdin.read()))\n"
        "print('to stderr', file=sys.stderr)\n"
    )
    environment = {**os.environ, "MINE": "yes"}
    status, out, err = run(address, tmp_path, code, "real", "0", env=environment, cwd=tmp_path)
    assert (status, err) == (0, "to stderr\n")
    assert out == f"['real', '0'] yes {tmp_path} 7 ''\n"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import sys; sys.exit(5)", 5),
        ("import sys; sys.exit('a message')", 1),
        ("1 / 0", 1),
        ("import os; os._exit(9)", 9),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", 128 + 9),
    ],
)
def test_the_client_ends_with_the_scripts_exit_status(address, tmp_path, code, expected):
    status, _, err = run(address, tmp_path, code)
    assert status == expected
    assert ("ZeroDivisionError" in err) == ("1 / 0" in code)
    assert ("a message" in err) == ("a message" in code)


def test_what_a_script_leaves_for_its_end_is_done(address, tmp_path):
    code = "import atexit\natexit.register(lambda: print('at the end'))\nprint('first')\n"
    assert run(address, tmp_path, code)[:2] == (0, "first\nat the end\n")


def test_variables_before_the_command_are_set(address, tmp_path):
    code = "import os\nprint(os.environ['A'], os.environ['B'])"
    environment = {**os.environ, "A": "old"}
    found = run(address, tmp_path, code, variables=["env", "A=new=er", "B=2"], env=environment)
    assert found == (0, "new=er 2\n", "")


def test_a_script_imports_from_its_own_python_path(address, tmp_path):
    (tmp_path / "library").mkdir()
    (tmp_path / "library/mine.py").write_text("VALUE = 8\n")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "library")}
    assert run(address, tmp_path, "import mine\nprint(mine.VALUE)", env=environment)[1] == "8\n"


def test_the_server_starts_scripts_with_its_libraries_and_nothing_of_ganaug(tmp_path):
    script = tmp_path / "script.py"
    script.write_text("import sys\nprint('torch' in sys.modules, [name for name in sys.modules if 'ganaug' in name])\n")
    with warm.server(tmp_path / "socket") as launch:
        command = f"{launch} python {script}"
        assert subprocess.run(command, shell=True, capture_output=True, text=True).stdout == "True []\n"


def test_scripts_do_not_see_each_other(address, tmp_path):
    run(address, tmp_path, "import csv, os\ncsv.mark = 1\nos.environ['MARK'] = '1'")
    assert run(address, tmp_path, "import csv, os\nprint(hasattr(csv, 'mark'), 'MARK' in os.environ)")[1] == (
        "False False\n"
    )


def test_a_script_is_interrupted_when_its_client_is_killed(address, tmp_path):
    script, ended = tmp_path / "long.py", tmp_path / "ended"
    script.write_text(
        "import time\ntry:\n    print('ready', flush=True)\n    time.sleep(60)\n"
        f"except KeyboardInterrupt:\n    open({str(ended)!r}, 'w').close()\n"
    )
    process = client(address, script)
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=10)
    for _ in range(2000):
        if ended.exists():
            return
        time.sleep(0.01)
    pytest.fail("the script goes on")


def test_without_a_server_the_client_fails(tmp_path):
    status, _, err = run(str(tmp_path / "nowhere"), tmp_path, "print('never')")
    assert status != 0
    assert "No such file" in err
