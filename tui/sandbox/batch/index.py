"""The jobs of one queue, ready to be listed: sorted by creation, by status, and by status and share."""

from bisect import bisect_left, insort
from collections.abc import Iterator
from operator import attrgetter

from tui.sandbox.batch.records import Job

_key = attrgetter("key")

Key = tuple[int, str]


class JobIndex:
    """Jobs in order of (created, id). A new job goes to the end, so adding is cheap."""

    def __init__(self) -> None:
        self.all: list[Job] = []
        self._by_status: dict[str, list[Job]] = {}
        self._by_share: dict[tuple[str, str], list[Job]] = {}

    def add(self, job: Job) -> None:
        for jobs in (self.all, self._status(job.status), self._share(job.status, job.share)):
            if jobs and jobs[-1].key > job.key:
                insort(jobs, job, key=_key)
            else:
                jobs.append(job)

    def remove(self, job: Job) -> None:
        for jobs in (self.all, self._status(job.status), self._share(job.status, job.share)):
            del jobs[bisect_left(jobs, job.key, key=_key)]

    def move(self, job: Job, status: str) -> None:
        """Give the job another status, in its record and in the lists."""
        for jobs in (self._status(job.status), self._share(job.status, job.share)):
            del jobs[bisect_left(jobs, job.key, key=_key)]
        job.status = status
        for jobs in (self._status(status), self._share(status, job.share)):
            insort(jobs, job, key=_key)

    def next_creation(self, now: int) -> int:
        """The creation time of a job submitted now: no two of a queue have the same, so order is plain."""
        return max(now, self.all[-1].created_at + 1) if self.all else now

    def count(self, status: str) -> int:
        return len(self._by_status.get(status, ()))

    def of_status(self, status: str) -> list[Job]:
        return self._by_status.get(status, [])

    def of_share(self, status: str, share: str) -> list[Job]:
        return self._by_share.get((status, share), [])

    def _status(self, status: str) -> list[Job]:
        return self._by_status.setdefault(status, [])

    def _share(self, status: str, share: str) -> list[Job]:
        return self._by_share.setdefault((status, share), [])


def newest_first(
    jobs: list[Job], before: Key | None = None, created_before: int | None = None
) -> Iterator[Job]:
    """The jobs from the newest on: those older than `before` (a page's last key), created before a time."""
    end = len(jobs)
    if created_before is not None:
        end = bisect_left(jobs, created_before, key=lambda job: job.created_at)
    if before is not None:
        end = min(end, bisect_left(jobs, before, key=_key))
    for position in range(end - 1, -1, -1):
        yield jobs[position]
