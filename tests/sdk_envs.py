"""Virtual environments of their own for the two SageMaker SDKs, which cannot live together.

They are built on demand under `.venvs/` and kept; what they hold is in the name, so a change builds anew.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
REQUIREMENTS = {
    "v3": ("sagemaker==3.27.0",),
    "v2": ("sagemaker==2.257.7", "nest_asyncio==1.6.0"),  # v2 forgets to require what its queues need
}


def python_of(version: str) -> Path:
    """The interpreter of an environment that holds the SDK of a version (`v2` or `v3`)."""
    wanted = REQUIREMENTS[version]
    digest = hashlib.sha256(f"{wanted} {sys.version_info[:2]}".encode()).hexdigest()[:8]
    place = ROOT / ".venvs" / f"sagemaker-{version}-{digest}"
    python = place / "bin" / "python"
    if not (place / "ready").exists():
        _uv("venv", "--quiet", "--allow-existing", "--python", sys.executable, str(place))
        _uv("pip", "install", "--quiet", "--python", str(python), *wanted)
        (place / "ready").touch()
    return python


def _uv(*arguments: str) -> None:
    beside = Path(sys.executable).parent / "uv"
    command = [str(beside)] if beside.exists() else [sys.executable, "-m", "uv"]
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    subprocess.run([*command, *arguments], check=True, env=environment)
