"""Botocore's own data files, found and read faster: they are half of the time it takes to make a client."""
# pyright: reportMissingTypeStubs=false, reportUnknownVariableType=false, reportUnknownMemberType=false

import gzip
from pathlib import Path
from typing import Any

import msgspec
from botocore.loaders import JSONFileLoader

SERVICES = ("batch", "sagemaker", "logs", "cloudwatch", "sts", "iam", "s3")
"""The services there are clients for."""


def quicken(session: Any) -> None:
    """Have a botocore session read its data files with msgspec, and look for `SERVICES` only.

    To see that a service exists botocore else looks into the folders of all 400, twice a client.
    """
    loader = session.get_component("data_loader")
    loader.file_loader = _Files()
    loader.list_available_services = _services


class _Files(JSONFileLoader):
    def load_file(self, file_path: str) -> Any:
        plain, packed = Path(f"{file_path}.json"), Path(f"{file_path}.json.gz")
        if plain.is_file():
            return msgspec.json.decode(plain.read_bytes())
        if packed.is_file():
            return msgspec.json.decode(gzip.decompress(packed.read_bytes()))
        return None


def _services(type_name: str) -> list[str]:
    return list(SERVICES)
