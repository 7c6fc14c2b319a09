"""Recordings in a bucket of a store that speaks S3: loaded only where MEDIA_URL names one (decision 0014).

One request is one object, so that an object is there whole or not at all (R4), and the store checks each byte against
the digest that the request is signed with. Whatever goes wrong on the way is StorageAwayError: what was asked for may
be asked again (R21).
"""

import hashlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from functools import cached_property
from tempfile import TemporaryFile
from typing import Any, BinaryIO

import structlog
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session

from engage.kernel.settings import Bucket
from engage.media.errors import StorageAwayError, StorageNotTakingError
from engage.media.storage import KEY, PIECE, PIECE_TO_SEND, RESERVE, Kept, Readable, Storage, new_key, place

# A site waits for its store no longer than people do; what lasts is a transfer, each piece of which has this long.
CONNECT_S, ANSWER_S, TRIES = 2, 15, 2
GONE_CODES = frozenset({"404", "NoSuchKey"})
log = structlog.get_logger("engage.media")


class S3Storage(Storage):
    """A bucket, or what lies below a prefix of it."""

    def __init__(self, bucket: Bucket, *, reserve: int = RESERVE) -> None:
        """Ask nothing yet."""
        super().__init__(bucket.folder, reserve=reserve)
        self.bucket = bucket

    def keep(self, stream: Readable, *, at: datetime) -> Kept:
        """Send it in one request; the store notes when, which is ours to say in no way (P4, privacy.md)."""
        key, digest, size = new_key(), hashlib.sha256(), 0
        while piece := stream.read(PIECE):
            digest.update(piece)
            size += len(piece)
        stream.seek(0)
        try:
            with _asking():
                self._client.put_object(**self._named(key), Body=stream, ContentLength=size)
        except StorageAwayError as error:
            raise StorageNotTakingError from error
        return Kept(key, size, digest.hexdigest())

    def open(self, key: str) -> BinaryIO:
        """Fetch it into a file without a name."""
        with _asking():
            answer = self._get(key)
        self.refuse_if_full(answer["ContentLength"])
        file = TemporaryFile(dir=self.folder)  # noqa: SIM115 - closed by whoever asked for it
        try:
            with _asking(), closing(answer["Body"]) as body:
                for piece in body.iter_chunks(PIECE):
                    file.write(piece)
            file.seek(0)
        except BaseException:
            file.close()
            raise
        return file

    def pieces(self, key: str, first: int, after: int) -> Iterator[bytes]:
        """Fetch a part of it."""
        if first >= after:
            return
        with _asking(), closing(self._get(key, Range=f"bytes={first}-{after - 1}")["Body"]) as body:
            yield from body.iter_chunks(PIECE_TO_SEND)

    def size(self, key: str) -> int | None:
        """Ask for its head."""
        with _asking():
            try:
                return int(self._client.head_object(**self._named(key))["ContentLength"])
            except ClientError as error:
                if _code(error) in GONE_CODES:
                    return None
                raise

    def delete(self, key: str) -> None:
        """Have it deleted."""
        with _asking():
            self._client.delete_object(**self._named(key))

    def names(self, *, before: datetime | None = None) -> Iterator[str]:
        """List the bucket, a thousand names at a time."""
        with _asking():
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket.name, Prefix=self.bucket.prefix
            )
            for page in pages:
                for found in page.get("Contents", ()):
                    key = found["Key"].rpartition("/")[2]
                    is_ours = KEY.fullmatch(key) and found["Key"] == self._named(key)["Key"]
                    if is_ours and (before is None or found["LastModified"] < before):
                        yield key

    def keeps_what_is_deleted(self) -> bool:
        """Ask whether the bucket keeps versions; a store that does not say so is believed to keep none."""
        with _asking():
            try:
                return bool(self._client.get_bucket_versioning(Bucket=self.bucket.name).get("Status") == "Enabled")
            except ClientError as error:
                log.info("the bucket does not say whether it keeps versions", code=_code(error))
                return False

    @cached_property
    def _client(self) -> Any:
        """The store's own; threads may share it, and none is made before a server's processes part."""
        bucket = self.bucket
        config = Config(
            signature_version="s3v4",
            connect_timeout=CONNECT_S,
            read_timeout=ANSWER_S,
            retries={"total_max_attempts": TRIES, "mode": "standard"},
            max_pool_connections=16,
            # Newer checksums are not known to every store; a signed body is.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            s3={"addressing_style": "path" if bucket.endpoint else "auto", "payload_signing_enabled": True},
        )
        return Session().create_client(
            "s3",
            region_name=bucket.region,
            endpoint_url=bucket.endpoint,
            aws_access_key_id=bucket.key_id,
            aws_secret_access_key=bucket.secret,
            aws_session_token=bucket.session_token,
            config=config,
        )

    def _get(self, key: str, **part: str) -> Any:
        try:
            return self._client.get_object(**self._named(key), **part)
        except ClientError as error:
            if _code(error) in GONE_CODES:
                raise FileNotFoundError(key) from error
            raise

    def _named(self, key: str) -> dict[str, str]:
        return {"Bucket": self.bucket.name, "Key": self.bucket.prefix + place(key)}


@contextmanager
def _asking() -> Iterator[None]:
    """Turn what the library raises into our own refusal; the log says why, without a word of what was sent."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        reason = _code(error) if isinstance(error, ClientError) else type(error).__name__
        log.error("the store of recordings is away", reason=reason)
        raise StorageAwayError from error


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
