"""Amazon S3 as far as uploads of source code and downloads of artefacts need it. Objects are in memory."""

import hashlib
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote

from tui.sandbox.errors import AwsError
from tui.sandbox.service import Answer, Call, Encoded
from tui.sandbox.services.base import Operations, moment, without_none
from tui.sandbox.world import World

_BUCKET = re.compile(r"(?!.*\.\.)[a-z0-9][a-z0-9.\-]{1,61}[a-z0-9]")
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_DEFAULT_REGION = "us-east-1"


@dataclass(slots=True)
class Stored:
    """An object. `extra` are the members (content type, metadata…) that reading it gives back."""

    body: bytes
    etag: str
    modified_at: int
    extra: dict[str, Any]


@dataclass(slots=True)
class Upload:
    """A multipart upload in progress."""

    key: str
    extra: dict[str, Any]
    parts: dict[int, tuple[str, bytes]] = field(default_factory=dict[int, tuple[str, bytes]])


@dataclass(slots=True)
class Bucket:
    created_at: int
    region: str
    objects: dict[str, Stored] = field(default_factory=dict[str, Stored])
    uploads: dict[str, Upload] = field(default_factory=dict[str, Upload])


class S3Service(Operations):
    """Buckets and objects."""

    name = "s3"
    missing = "NotImplemented"

    def __init__(self, world: World) -> None:
        super().__init__(
            {
                "ListBuckets": self._list_buckets,
                "CreateBucket": self._create_bucket,
                "DeleteBucket": self._delete_bucket,
                "HeadBucket": lambda call: {"BucketRegion": self._bucket(call).region},
                "GetBucketLocation": self._location,
                "PutObject": self._put,
                "GetObject": self._get,
                "HeadObject": self._head,
                "CopyObject": self._copy,
                "DeleteObject": self._delete,
                "DeleteObjects": self._delete_many,
                "ListObjects": self._list_v1,
                "ListObjectsV2": self._list_v2,
                "CreateMultipartUpload": self._start_upload,
                "UploadPart": self._upload_part,
                "UploadPartCopy": self._copy_part,
                "CompleteMultipartUpload": self._complete_upload,
                "AbortMultipartUpload": self._abort_upload,
            }
        )
        self._world = world
        self._buckets: dict[str, Bucket] = {}

    # Buckets

    def _bucket(self, call: Call) -> Bucket:
        name = call.params["Bucket"]
        if name not in self._buckets:
            raise AwsError("NoSuchBucket", "The specified bucket does not exist", 404)
        return self._buckets[name]

    def _list_buckets(self, call: Call) -> Answer:
        buckets = [
            {"Name": name, "CreationDate": moment(bucket.created_at), "BucketRegion": bucket.region}
            for name, bucket in sorted(self._buckets.items())
        ]
        return {"Buckets": buckets, "Owner": {"ID": self._world.account, "DisplayName": "sandbox"}}

    def _create_bucket(self, call: Call) -> Answer:
        name = call.params["Bucket"]
        if not _BUCKET.fullmatch(name):
            raise AwsError("InvalidBucketName", "The specified bucket is not valid.")
        wanted = call.params.get("CreateBucketConfiguration", {}).get("LocationConstraint")
        if name in self._buckets and call.region != _DEFAULT_REGION:
            raise AwsError(
                "BucketAlreadyOwnedByYou",
                "Your previous request to create the named bucket succeeded and you already own it.",
                409,
            )
        self._buckets.setdefault(name, Bucket(self._world.now(), wanted or _DEFAULT_REGION))
        return {"Location": f"/{name}"}

    def _delete_bucket(self, call: Call) -> Answer:
        if self._bucket(call).objects:
            raise AwsError("BucketNotEmpty", "The bucket you tried to delete is not empty", 409)
        del self._buckets[call.params["Bucket"]]
        return {}

    def _location(self, call: Call) -> Answer:
        """The root element itself is the answer here, which the model cannot say."""
        region = self._bucket(call).region
        place = "" if region == _DEFAULT_REGION else region
        namespace = "http://s3.amazonaws.com/doc/2006-03-01/"
        body = f'<LocationConstraint xmlns="{namespace}">{place}</LocationConstraint>'
        return Encoded(body.encode())

    # Objects

    def _object(self, call: Call) -> Stored:
        found = self._bucket(call).objects.get(call.params["Key"])
        if found is None:
            raise AwsError("NoSuchKey", "The specified key does not exist.", 404)
        return found

    def _put(self, call: Call) -> Answer:
        bucket = self._bucket(call)
        body = call.params.get("Body", b"")
        if call.params.get("IfNoneMatch") == "*" and call.params["Key"] in bucket.objects:
            raise AwsError(
                "PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412
            )
        etag = f'"{hashlib.md5(body).hexdigest()}"'
        bucket.objects[call.params["Key"]] = Stored(body, etag, self._world.now(), _extra(call.params))
        return {"ETag": etag}

    def _get(self, call: Call) -> Answer:
        stored = self._object(call)
        answer = _described(stored)
        wanted = _range(call.params.get("Range", ""), len(stored.body))
        if wanted is None:
            return {**answer, "Body": stored.body}
        part = stored.body[wanted.start : wanted.stop]
        place = f"bytes {wanted.start}-{wanted.stop - 1}/{len(stored.body)}"
        return {**answer, "Body": part, "ContentLength": len(part), "ContentRange": place}

    def _head(self, call: Call) -> Answer:
        return _described(self._object(call))

    def _source(self, call: Call) -> Stored:
        """The object that a copy is made of."""
        bucket, _, key = unquote(call.params["CopySource"]).lstrip("/").partition("/")
        source = self._buckets[bucket].objects.get(key) if bucket in self._buckets else None
        if source is None:
            raise AwsError("NoSuchKey", "The specified key does not exist.", 404)
        return source

    def _copy(self, call: Call) -> Answer:
        source = self._source(call)
        replaced = call.params.get("MetadataDirective") == "REPLACE"
        extra = _extra(call.params) if replaced else source.extra
        copy = Stored(source.body, source.etag, self._world.now(), extra)
        self._bucket(call).objects[call.params["Key"]] = copy
        return {"CopyObjectResult": {"ETag": copy.etag, "LastModified": moment(copy.modified_at)}}

    def _delete(self, call: Call) -> Answer:
        self._bucket(call).objects.pop(call.params["Key"], None)
        return {}

    def _delete_many(self, call: Call) -> Answer:
        bucket = self._bucket(call)
        keys = [item["Key"] for item in call.params["Delete"]["Objects"]]
        for key in keys:
            bucket.objects.pop(key, None)
        quiet = call.params["Delete"].get("Quiet", False)
        return {} if quiet else {"Deleted": [{"Key": key} for key in keys]}

    # Listing

    def _list_v2(self, call: Call) -> Answer:
        params = call.params
        after = params.get("ContinuationToken") or params.get("StartAfter", "")
        listing, last = self._listing(call, after)
        count = len(listing["Contents"]) + len(listing["CommonPrefixes"])
        return without_none(**listing, KeyCount=count, NextContinuationToken=last)

    def _list_v1(self, call: Call) -> Answer:
        listing, last = self._listing(call, call.params.get("Marker", ""))
        return without_none(**listing, Marker=call.params.get("Marker", ""), NextMarker=last)

    def _listing(self, call: Call, after: str) -> tuple[dict[str, Any], str | None]:
        """A page of keys and common prefixes, and the last of them if there are more."""
        params = call.params
        prefix, delimiter = params.get("Prefix", ""), params.get("Delimiter", "")
        limit = min(1000, params.get("MaxKeys", 1000))
        shown = quote if params.get("EncodingType") == "url" else str
        objects = self._bucket(call).objects
        contents: list[dict[str, Any]] = []
        prefixes: list[dict[str, str]] = []
        last, more = "", False
        for name, is_prefix in _entries(sorted(objects), prefix, delimiter):
            if name <= after:
                continue
            if len(contents) + len(prefixes) >= limit:
                more = True
                break
            last = name
            if is_prefix:
                prefixes.append({"Prefix": shown(name)})
                continue
            stored = objects[name]
            contents.append(
                {
                    "Key": shown(name),
                    "LastModified": moment(stored.modified_at),
                    "ETag": stored.etag,
                    "Size": len(stored.body),
                    "StorageClass": "STANDARD",
                }
            )
        listing = without_none(
            Name=params["Bucket"],
            Prefix=shown(prefix),
            Delimiter=params.get("Delimiter"),
            EncodingType=params.get("EncodingType"),
            MaxKeys=limit,
            IsTruncated=more,
            Contents=contents,
            CommonPrefixes=prefixes,
        )
        return listing, last if more else None

    # Multipart uploads

    def _upload(self, call: Call) -> Upload:
        upload = self._bucket(call).uploads.get(call.params["UploadId"])
        if upload is None or upload.key != call.params["Key"]:
            raise AwsError("NoSuchUpload", "The specified multipart upload does not exist.", 404)
        return upload

    def _start_upload(self, call: Call) -> Answer:
        bucket = self._bucket(call)
        identifier = secrets.token_hex(32)
        bucket.uploads[identifier] = Upload(call.params["Key"], _extra(call.params))
        return {"Bucket": call.params["Bucket"], "Key": call.params["Key"], "UploadId": identifier}

    def _upload_part(self, call: Call) -> Answer:
        return {"ETag": self._add_part(call, call.params.get("Body", b""))}

    def _copy_part(self, call: Call) -> Answer:
        source = self._source(call).body
        wanted = _range(call.params.get("CopySourceRange", ""), len(source))
        etag = self._add_part(call, source[wanted.start : wanted.stop] if wanted else source)
        return {"CopyPartResult": {"ETag": etag, "LastModified": moment(self._world.now())}}

    def _add_part(self, call: Call, body: bytes) -> str:
        etag = f'"{hashlib.md5(body).hexdigest()}"'
        self._upload(call).parts[call.params["PartNumber"]] = (etag, body)
        return etag

    def _complete_upload(self, call: Call) -> Answer:
        bucket, upload = self._bucket(call), self._upload(call)
        parts: list[bytes] = []
        digest = hashlib.md5()
        for part in call.params.get("MultipartUpload", {}).get("Parts", ()):
            etag, body = upload.parts.get(part.get("PartNumber", 0), ("", b""))
            if not etag or etag.strip('"') != part.get("ETag", "").strip('"'):
                raise AwsError("InvalidPart", "One or more of the specified parts could not be found.")
            parts.append(body)
            digest.update(bytes.fromhex(etag.strip('"')))
        if not parts:
            raise AwsError("MalformedXML", "You must specify at least one part")
        etag = f'"{digest.hexdigest()}-{len(parts)}"'
        bucket.objects[upload.key] = Stored(b"".join(parts), etag, self._world.now(), upload.extra)
        del bucket.uploads[call.params["UploadId"]]
        name = call.params["Bucket"]
        return {"Location": f"/{name}/{quote(upload.key)}", "Bucket": name, "Key": upload.key, "ETag": etag}

    def _abort_upload(self, call: Call) -> Answer:
        self._upload(call)
        del self._bucket(call).uploads[call.params["UploadId"]]
        return {}


def _range(text: str, size: int) -> range | None:
    """The bytes that a Range header asks for; None for all. Raises AwsError (InvalidRange)."""
    wanted = _RANGE.fullmatch(text)
    if not wanted or wanted.group() == "bytes=-":
        return None
    first, last = wanted.groups()
    start = int(first) if first else max(0, size - int(last))
    end = min(size, int(last) + 1) if first and last else size
    if start >= end:
        raise AwsError("InvalidRange", "The requested range is not satisfiable", 416)
    return range(start, end)


_KEPT = (
    "ContentType",
    "ContentEncoding",
    "ContentDisposition",
    "ContentLanguage",
    "CacheControl",
    "Metadata",
)


def _extra(params: Mapping[str, Any]) -> dict[str, Any]:
    extra = {name: params[name] for name in _KEPT if name in params}
    return {"ContentType": "binary/octet-stream", **extra}


def _described(stored: Stored) -> dict[str, Any]:
    return {
        **stored.extra,
        "AcceptRanges": "bytes",
        "ContentLength": len(stored.body),
        "ETag": stored.etag,
        "LastModified": moment(stored.modified_at),
    }


def _entries(keys: list[str], prefix: str, delimiter: str) -> Iterator[tuple[str, bool]]:
    """Keys under a prefix in order, those beyond a delimiter as one common prefix (True)."""
    seen = ""
    for key in keys:
        if not key.startswith(prefix):
            continue
        cut = key.find(delimiter, len(prefix)) if delimiter else -1
        if cut < 0:
            yield key, False
        elif key[: cut + len(delimiter)] != seen:
            seen = key[: cut + len(delimiter)]
            yield seen, True
