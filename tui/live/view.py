"""The rows of one queue: which jobs, in which order, kept up at the cost of what changes.

    view = JobView(store.queues["research"], now_ms=store.now_ms)
    view.show(group="running", sort="priority", descending=True)
    ...
    result = view.apply(changed.of("research"))   # after each Changed
    table.refresh(...)                             # view.ids is the new sequence

A step touches the jobs it names, each found by bisection. Only another sort, group or filter, or
`rebuild`, costs in proportion to all rows.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from typing import Literal, overload

import msgspec

from tui.live.changes import QueueChanged
from tui.live.order import Key, SortKey, key_maker
from tui.live.picture import QueuePicture
from tui.model.jobs import FINISHED, QUEUED, RUNNING, ServiceJob

Group = Literal["all", "queued", "running", "finished"]
Predicate = Callable[[ServiceJob], bool]

ONE_BY_ONE = 32
"""Up to this many moves are made singly; more are made by sorting the stretch they lie in."""


class ViewChanged(msgspec.Struct, frozen=True):
    """What a step did to the rows: `moved` if ids came, went or changed places; `redrawn` are the ids in
    view whose content differs, wherever they are now."""

    moved: bool = False
    redrawn: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return self.moved or bool(self.redrawn)


class JobView:
    """The rows of a queue's picture. `picture` must be the store's; only the UI thread may use it."""

    def __init__(self, picture: QueuePicture, now_ms: Callable[[], int]) -> None:
        self.picture = picture
        self.group: Group = "all"
        self.sort: SortKey = "default"
        self.descending = False
        self.predicate: Predicate | None = None
        self._now_ms = now_ms
        self._key_of: Callable[[ServiceJob], Key]
        self._key_by_id: dict[str, Key] = {}
        self._keys: list[Key] = []
        self._ids: list[str] = []
        self._positions: dict[str, int] = {}
        self._shown: Sequence[str] = self._ids
        self.rebuild()

    @property
    def ids(self) -> Sequence[str]:
        """The job ids in order. Random access is cheap; the sequence changes with the view."""
        return self._shown

    def index(self, job_id: str) -> int | None:
        """The row of a job, None if it is not in view."""
        key = self._key_by_id.get(job_id)
        if key is None:
            return None
        at = bisect_left(self._keys, key)
        return len(self._keys) - 1 - at if self.descending else at

    def __len__(self) -> int:
        return len(self._keys)

    def __contains__(self, job_id: object) -> bool:
        return job_id in self._key_by_id

    def show(
        self,
        *,
        group: Group | None = None,
        sort: SortKey | None = None,
        descending: bool | None = None,
    ) -> None:
        """Another group or order; None keeps what is. Sorts all rows anew."""
        self.group = self.group if group is None else group
        self.sort = self.sort if sort is None else sort
        self.descending = self.descending if descending is None else descending
        self.rebuild()

    def filter(self, predicate: Predicate | None) -> None:
        """Only jobs for which this is true; None for all. It may also read `picture` (priorities)."""
        self.predicate = predicate
        self.rebuild()

    def rebuild(self) -> None:
        """Everything anew. Also for orders and filters that go by the time (`waited`, `age>1h`)."""
        # "default" has one direction only.
        self.descending = self.descending and self.sort != "default"
        key_of = self._key_of = key_maker(self.sort, self.descending, self.picture, self._now_ms())
        self._positions = self.picture.positions
        self._keys = sorted(map(key_of, self._wanted()))
        self._ids = [key[3] for key in self._keys]
        self._key_by_id = dict(zip(self._ids, self._keys, strict=True))
        self._shown = _Backwards(self._ids) if self.descending else self._ids

    def apply(self, changed: QueueChanged) -> ViewChanged:
        """Follow one step of the store. Returns what the rows' widget has to draw again."""
        jobs = changed.jobs
        touched = {*jobs.added, *jobs.changed, *jobs.gone, *jobs.detailed}
        if changed.snapshot:
            touched.update(self._repositioned())
        redrawn: set[str] = set()
        moves: list[tuple[Key | None, Key | None]] = []
        for job_id in touched:
            job = self.picture.jobs.get(job_id)
            old = self._key_by_id.get(job_id)
            new = self._key_of(job) if job is not None and self._wants(job) else None
            if new is not None:
                redrawn.add(job_id)
                self._key_by_id[job_id] = new
            elif old is not None:
                del self._key_by_id[job_id]
            if old != new:
                moves.append((old, new))
        moved = self._move(moves)
        return ViewChanged(moved, frozenset(redrawn))

    # ---- inside

    def _wanted(self) -> Iterable[ServiceJob]:
        active = self.group in ("queued", "running")
        jobs = self.picture.active.values() if active else self.picture.jobs.values()
        if self.group == "all" and self.predicate is None:
            return jobs
        return (job for job in jobs if self._wants(job))

    def _wants(self, job: ServiceJob) -> bool:
        match self.group:
            case "queued":
                fits = job.status in QUEUED
            case "running":
                fits = job.status in RUNNING
            case "finished":
                fits = job.status in FINISHED
            case "all":
                fits = True
        return fits and (self.predicate is None or self.predicate(job))

    def _repositioned(self) -> set[str]:
        old, new = self._positions, self.picture.positions
        self._positions = new
        return {job_id for job_id in old.keys() | new.keys() if old.get(job_id) != new.get(job_id)}

    def _move(self, moves: list[tuple[Key | None, Key | None]]) -> bool:
        """Take keys out and put keys in. Returns whether any id is at another place than before."""
        if not moves:
            return False
        if len(moves) > ONE_BY_ONE:
            return self._move_stretch(moves)
        moved = False
        for old, new in moves:
            was = None if old is None else bisect_left(self._keys, old)
            if was is not None:
                del self._keys[was], self._ids[was]
            if new is not None:
                at = bisect_left(self._keys, new)
                self._keys.insert(at, new)
                self._ids.insert(at, new[3])
                moved = moved or at != was
            else:
                moved = True
        return moved

    def _move_stretch(self, moves: list[tuple[Key | None, Key | None]]) -> bool:
        keys = self._keys
        gone = {old for old, _ in moves if old is not None}
        come = [new for _, new in moves if new is not None]
        places = [bisect_left(keys, key) for key in (*gone, *come)]
        first, last = min(places), max(places) + 1
        stretch = [key for key in keys[first:last] if key not in gone]
        stretch += come
        stretch.sort()
        ids = [key[3] for key in stretch]
        moved = ids != self._ids[first:last]
        keys[first:last] = stretch
        self._ids[first:last] = ids
        return moved


class _Backwards(Sequence[str]):
    """A list read from its end, without a copy."""

    def __init__(self, items: list[str]) -> None:
        self._items = items

    def __len__(self) -> int:
        return len(self._items)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        if isinstance(index, slice):
            return [self._items[-1 - i] for i in range(*index.indices(len(self._items)))]
        return self._items[-1 - index]
