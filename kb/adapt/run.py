"""The whole of an adaptation: train, compare on held-out forms, keep the weights only if they are better."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError

from kb.adapt.encoding import Progress, Vectors, vectors_of
from kb.adapt.examples import Noise, Sample, alike, passes, samples, worth_learning
from kb.adapt.general import Writer
from kb.adapt.installed import install
from kb.adapt.settings import Settings
from kb.adapt.train import Anchors, train
from kb.corpus import Corpus
from kb.derived import mean_vectors
from kb.dictionary import dictionary
from kb.embedding import Embedder, OnnxEmbedder, default_root, layers_of, prepare, write_delta
from kb.errors import ModelError, UsageError
from kb.metrics import auroc
from kb.units import Layout, UnitKind, lay_out

_FEWEST_FORMS = 100
_GENERAL_TEXTS = 40_000


@dataclass(frozen=True, slots=True)
class Judgement:
    """How one encoder does on held-out forms, by nearest prototype alone.

    ``hit_at_1`` over forms of FAQ entries; ``auroc`` of the top cosine, entries' forms against exemplars of boundaries.
    """

    hit_at_1: float
    hit_at_3: float
    auroc: float


@dataclass(frozen=True, slots=True)
class AdaptReport:
    """What an adaptation did.

    ``kept`` says whether the new weights serve; ``before`` and ``after`` judge forms that no training has seen.
    """

    before: Judgement
    after: Judgement
    kept: bool
    trained_forms: int
    held_out_forms: int
    seconds: float
    device: str
    settings: Settings


def adapt(
    corpus: Corpus,
    target: Path,
    work: Path,
    *,
    settings: Settings | None = None,
    onward: bool = False,
    device: str = "cpu",
    progress: Progress,
) -> AdaptReport:
    """Fine-tune the packaged encoder on a corpus.

    Args:
        corpus: its question forms, answers, chunks and exemplars are learned from.
        target: the delta file to write, with its log beside it; older ones are kept beside it for :func:`roll_back`.
        work: folder for checkpoints; an interrupted run with the same corpus is taken up again from there.
        settings: hyperparameters.
        onward: start from the weights in ``target`` rather than from the packaged ones, and learn from what they are
            not yet sure of; what is held out is the same forms either way, because it depends on their text alone.
        device: torch's name of what trains; see :func:`~kb.adapt.encoding.pick_device`.
        progress: called with a Chinese phrase and the share done.

    Raises:
        UsageError: too few question forms to learn from.
        ModelError: the base model cannot be opened, or the disk does not take what is written.
    """
    try:
        return _adapt(corpus, target, work, settings or Settings(), onward, device, progress)
    except (OSError, SafetensorError) as error:
        raise ModelError(
            f"cannot write while adapting: {error}",
            user_message=f"微调中断，{work} 或临时文件夹写不进去：{error}。原来的模型不受影响，请检查磁盘空间和权限后再运行一次。",
        ) from error


def _adapt(
    corpus: Corpus, target: Path, work: Path, chosen: Settings, onward: bool, device: str, progress: Progress
) -> AdaptReport:
    layout = lay_out(corpus)
    seen, unseen = samples(layout)
    _enough(layout, seen)
    started = datetime.now(UTC)
    base = prepare(default_root(), progress=progress)
    start = prepare(default_root(), delta=target, progress=progress) if onward else base
    # What an interrupted run left is of use only to a run of the same kind from the same weights.
    kind = hashlib.sha256(repr((chosen, onward, start.name)).encode()).hexdigest()
    folder = work / f"{corpus.digest[:16]}-{kind[:8]}"
    for other in work.glob("*-*"):  # of a corpus that has changed since: nobody takes that up
        if not other.name.startswith(corpus.digest[:16]):
            shutil.rmtree(other)
    folder.mkdir(parents=True, exist_ok=True)
    progress("计算旧模型的向量", 0.0)
    before = _kept(folder / "before.npy", len(seen), lambda: encode(OnnxEmbedder(start, threads=chosen.threads), seen))
    rng = np.random.default_rng(chosen.seed)
    noise = Noise([sample.text for sample in seen], corpus.lexicon.aliases, rng)
    prototypes, together = mean_vectors(before, _labels(seen), len(layout.units)), alike(layout.units)
    lessons: Sequence[Sample] = seen
    if onward:
        chosen_ones = worth_learning(before, _labels(seen), prototypes, together, chosen.scale, rng)
        lessons = [seen[place] for place in chosen_ones.tolist()]

    tuned = train(
        start,
        passes(lessons, noise, chosen.passes),
        prototypes,
        together,
        folder,
        chosen,
        progress,
        anchors=_anchors(base, folder, chosen, device, progress) if chosen.general else None,
        device=device,
    )
    fresh = folder / "delta.safetensors"
    write_delta(base, tuned, fresh, layers=chosen.layers or (layers_of(target) if onward else ()))
    progress("比较新旧模型", 0.0)
    after = prepare(default_root(), delta=fresh, progress=progress)
    report = _report(layout, start, after, seen, unseen, before, chosen, device, started)
    if report.kept:
        install(fresh, target, asdict(report), onward=onward)
    shutil.rmtree(folder)
    return report


def _anchors(base: Path, folder: Path, chosen: Settings, device: str, progress: Progress) -> Anchors:
    """Made-up texts with the packaged model's vectors, which an interrupted run need not compute again."""
    texts = Writer(dictionary(), np.random.default_rng(chosen.seed)).texts(_GENERAL_TEXTS)
    digest = hashlib.sha256(repr((base.name, texts)).encode()).hexdigest()[:8]

    def encoded() -> Vectors:
        return vectors_of(base, texts, chosen.longest, progress, device=device, threads=chosen.threads)

    return Anchors(texts, _kept(folder / f"packaged-{digest}.npy", len(texts), encoded))


def encode(embedder: Embedder, items: Sequence[Sample]) -> Vectors:
    """Vectors of samples, each with its own prompt, shape (n, d)."""
    vectors = np.zeros((len(items), embedder.dimension), dtype=np.float32)
    passage = np.array([sample.passage for sample in items])
    for flag, run in ((True, embedder.encode_passages), (False, embedder.encode_queries)):
        places = np.flatnonzero(passage == flag)
        vectors[places] = run([items[place].text for place in places.tolist()])
    return vectors


def _kept(path: Path, rows: int, encoded: Callable[[], Vectors]) -> Vectors:
    """Encode, or read what an interrupted run has encoded: on a slow machine this takes minutes."""
    if path.exists():
        kept: Vectors = np.load(path, allow_pickle=False)
        if len(kept) == rows:
            return kept
    vectors = encoded()
    part = path.with_name(f"{path.name}.part")
    with part.open("wb") as file:
        np.save(file, vectors)
    part.replace(path)
    return vectors


def judge(
    layout: Layout, seen: Vectors, labels: NDArray[np.int32], asked: Vectors, truth: NDArray[np.int32]
) -> Judgement:
    """Judge an encoder by the prototypes of what was trained on, over forms that were not."""
    knowledge = np.array([unit.kind is not UnitKind.BOUNDARY for unit in layout.units])
    scores = asked @ mean_vectors(seen, labels, len(layout.units)).T
    ours = knowledge[truth]
    order = np.argsort(-scores[ours], axis=1)[:, :3]
    right = order == truth[ours][:, None]
    best = scores[:, knowledge].max(axis=1)
    return Judgement(
        hit_at_1=round(float(right[:, 0].mean()), 4),
        hit_at_3=round(float(right.any(axis=1).mean()), 4),
        auroc=round(auroc(best[ours], best[~ours]), 4) if (~ours).any() else 0.5,
    )


def _labels(items: Sequence[Sample]) -> NDArray[np.int32]:
    return np.array([sample.unit for sample in items], dtype=np.int32)


def _enough(layout: Layout, seen: Sequence[Sample]) -> None:
    forms = sum(1 for sample in seen if layout.units[sample.unit].kind is UnitKind.FAQ and not sample.passage)
    if forms < _FEWEST_FORMS:
        raise UsageError(
            f"only {forms} forms to train on",
            user_message=f"可供训练的问法只有 {forms} 个，至少要 {_FEWEST_FORMS} 个；请先补充相似问。",
        )


def _report(
    layout: Layout,
    start: Path,
    after: Path,
    seen: Sequence[Sample],
    unseen: Sequence[Sample],
    before: Vectors,
    settings: Settings,
    device: str,
    started: datetime,
) -> AdaptReport:
    old, new = OnnxEmbedder(start, threads=settings.threads), OnnxEmbedder(after, threads=settings.threads)
    labels, truth = _labels(seen), _labels(unseen)
    first = judge(layout, before, labels, encode(old, unseen), truth)
    second = judge(layout, encode(new, seen), labels, encode(new, unseen), truth)
    return AdaptReport(
        before=first,
        after=second,
        kept=second.hit_at_1 > first.hit_at_1 and second.auroc >= first.auroc - 0.02,
        trained_forms=len(seen),
        held_out_forms=len(unseen),
        seconds=round((datetime.now(UTC) - started).total_seconds(), 1),
        device=device,
        settings=settings,
    )
