"""Takes uploads in without ever keeping more than allowed."""

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler

# Several files may come in one request; far beyond that the line is cut.
REQUEST_FACTOR = 10


class LimitedUploadHandler(TemporaryFileUploadHandler):
    """Streams an upload to disk. Beyond the limit its bytes are thrown away while the rest of the form is still read:
    the field gets a file of the size that was sent, but empty, says "too large", and all that was typed stays."""

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self.request_bytes = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.is_too_large = False

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self.request_bytes += len(raw_data)
        if self.request_bytes > REQUEST_FACTOR * settings.FILE_LIMIT:
            self.file.close()
            raise StopUpload(connection_reset=True)
        if start + len(raw_data) > settings.FILE_LIMIT:
            if not self.is_too_large:
                self.is_too_large = True
                self.file.seek(0)
                self.file.truncate()
            return None
        return super().receive_data_chunk(raw_data, start)
