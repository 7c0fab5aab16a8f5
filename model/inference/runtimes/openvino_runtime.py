"""OpenVINO on the CPU: float32, bfloat16 where the CPU has it, and 8-bit integers.

A network is converted once for its weights and kept in a cache folder. Whatever comes out, made or
read, is compared with PyTorch on a few generated chromosomes before it is used: a damaged file, a
conversion gone wrong and a CPU that rounds differently all end here. What PyTorch answered is kept
with it.
"""

from __future__ import annotations

import hashlib
import hmac
import importlib.util
import logging
import sys
import tempfile
import zipfile
import zlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from model.device import bf16_pays
from model.inference.runtimes.base import Outputs, RuntimeUnavailable, in_batches
from model.inference.runtimes.samples import FEW, generated
from model.vocabulary.files import read_plain, read_plain_text
from model.vocabulary.labels import TYPES
from model.weights import LoadedModel

if TYPE_CHECKING:
    import openvino as ov

log = logging.getLogger(__name__)

FORMAT = 1
"""Part of the name of a converted network: raise it whenever `conversion` changes its outcome."""
KEPT = 6
"""Converted networks that stay in the cache folder; the oldest go first."""
SUFFIXES = (".npz", ".bin", ".sum", ".xml")
"""Of the files of one converted network: samples with PyTorch's answers, weights, the hash that
binds all to the weights they were made of, graph."""
_SUM = ".sum"
VIEWS_FOR_RANGES: tuple[tuple[int, ...], ...] = ((), (2, 3))
"""Flipped axes: value ranges are those of chromosomes as they are and turned round."""


@dataclass(frozen=True)
class _Precision:
    """`form` is what is kept in the cache; `hint` is what OpenVINO shall compute the rest in.

    `tolerance` is how far type probabilities may be from PyTorch's float32, on average over the
    samples of the check.
    """

    id: str
    label: str
    form: str
    hint: str
    tolerance: float


_FP32 = _Precision("openvino", "OpenVINO fp32, CPU", "fp32", "f32", 1e-3)
_BF16 = _Precision("openvino-bf16", "OpenVINO bf16, CPU", "fp32", "bf16", 0.05)
_INT8 = _Precision("openvino-int8", "OpenVINO int8, CPU", "int8", "f32", 0.05)
_INT7 = _Precision("openvino-int8", "OpenVINO int8 (weights of 7 bits), CPU", "int7", "f32", 0.05)


@dataclass(frozen=True, eq=False)
class _Samples:
    """Images (n, 1, H, W) and sizes (n, 2) with the type probabilities (n, 24) of PyTorch."""

    images: Tensor
    sizes: Tensor
    types: Tensor

    @classmethod
    def of(cls, model: LoadedModel) -> _Samples:
        """Generated chromosomes, shown to the network itself."""
        images, sizes = generated(model.config, FEW)
        with torch.inference_mode():
            return cls(images, sizes, model.net(images, sizes).type.softmax(1))

    @classmethod
    def read(cls, file: Path) -> _Samples:
        """Those beside a converted network; one of `_UNREADABLE` when they are damaged."""
        with (
            file.with_suffix(SUFFIXES[0]).open("rb") as data,  # np.load leaves a damaged one open
            np.load(data, allow_pickle=False) as kept,
        ):
            return cls(*(torch.from_numpy(kept[name]) for name in ("images", "sizes", "types")))

    def write(self, file: Path) -> None:
        """Beside a converted network; OSError when the disk refuses."""
        arrays = {name: tensor.numpy() for name, tensor in vars(self).items()}
        np.savez_compressed(file.with_suffix(SUFFIXES[0]), **arrays)


# What OpenVINO, NumPy and the check raise over damaged files.
_UNREADABLE = (
    RuntimeError, RuntimeUnavailable, OSError, ValueError, LookupError, EOFError,
    zipfile.BadZipFile, zlib.error,
)  # fmt: skip


class OpenVinoRuntime:
    """A compiled network; `compute` is what OpenVINO made of it."""

    device = "cpu"

    def __init__(self, precision: _Precision, compiled: ov.CompiledModel) -> None:
        self.id = precision.id
        self.label = precision.label
        self.note = ""
        self._request = compiled.create_infer_request()

    def __call__(self, images: Tensor, sizes: Tensor) -> Outputs:
        """See `Runtime`."""
        return in_batches(self._compute, images, sizes)

    def _compute(self, images: Tensor, sizes: Tensor) -> Outputs:
        given = [np.ascontiguousarray(part.cpu().numpy()) for part in (images, sizes)]
        self._request.infer(given, share_inputs=True)
        # Copied: the request writes its next answers into the same memory.
        type_, polarity, boxes = (
            torch.from_numpy(self._request.get_output_tensor(i).data.copy()) for i in range(3)
        )
        return type_, polarity, boxes


def fits_fp32(device: torch.device) -> bool:
    """On every CPU."""
    return device.type == "cpu"


def fits_bf16(device: torch.device) -> bool:
    """On CPUs with bfloat16 in hardware."""
    return device.type == "cpu" and bf16_pays(device)


def fits_int8(device: torch.device) -> bool:
    """On CPUs with VNNI, and with weights of 7 bits on those with AVX2."""
    return device.type == "cpu" and (_has_vnni() or bool(torch.cpu.get_capabilities().get("avx2")))


def _has_vnni() -> bool:
    """Whether 8-bit products are added up in 32 bits; older CPUs do it in 16, which overflow."""
    has = torch.cpu.get_capabilities()
    return bool(has.get("avx512_vnni") or has.get("avx_vnni"))


def open_fp32(model: LoadedModel, cache: Path | None) -> OpenVinoRuntime:
    """Convert or read from the cache; `RuntimeUnavailable` says why not."""
    return _open(_FP32, model, cache)


def open_bf16(model: LoadedModel, cache: Path | None) -> OpenVinoRuntime:
    """Like `open_fp32`, computed in bfloat16."""
    return _open(_BF16, model, cache)


def open_int8(model: LoadedModel, cache: Path | None) -> OpenVinoRuntime:
    """Like `open_fp32`, with 8-bit convolutions."""
    return _open(_INT8 if _has_vnni() else _INT7, model, cache)


def _open(precision: _Precision, model: LoadedModel, cache: Path | None) -> OpenVinoRuntime:
    if importlib.util.find_spec("openvino") is None:
        raise RuntimeUnavailable("OpenVINO is not installed")
    # OpenVINO reports its import and every conversion to its makers. With this entry the import
    # of the package that does so fails, and OpenVINO goes on without.
    sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
    try:
        import openvino as ov
    except ImportError as error:
        raise RuntimeUnavailable("OpenVINO cannot be loaded") from error
    file = None if cache is None else _file(precision, model, cache, ov.__version__)
    if file is not None and file.exists():
        with suppress(*_UNREADABLE):  # made again below
            _check_sum(file, model)
            return _checked(precision, ov.Core().read_model(file), _Samples.read(file))
        log.warning("the converted network %s cannot be used", file.name)
    made, samples = _converted(precision, model), _Samples.of(model)
    runtime = _checked(precision, made, samples)
    if file is not None and not _stored(made, samples, file, model):
        runtime.note = f"The converted network cannot be kept in {file.parent}."
    return runtime


def _converted(precision: _Precision, model: LoadedModel) -> ov.Model:
    from model.inference.runtimes import conversion

    try:
        made = conversion.convert(model.net)
        if precision in (_INT8, _INT7):
            images, sizes = generated(model.config, TYPES)
            views = [images.flip(axes) if axes else images for axes in VIEWS_FOR_RANGES]
            few_bits = conversion.WEIGHT_LIMIT_WITHOUT_VNNI
            limit = conversion.WEIGHT_LIMIT if precision is _INT8 else few_bits
            conversion.quantise(made, torch.cat(views), sizes.repeat(len(views), 1), limit)
    except Exception as error:  # its frontend's errors have no common base
        log.warning("OpenVINO cannot convert the network", exc_info=True)
        raise RuntimeUnavailable("OpenVINO cannot convert this network") from error
    return made


def _checked(precision: _Precision, made: ov.Model, samples: _Samples) -> OpenVinoRuntime:
    """Compile and compare with PyTorch; `RuntimeUnavailable` when it fails or answers differ."""
    import openvino as ov

    settings = {
        "INFERENCE_PRECISION_HINT": precision.hint,
        "PERFORMANCE_HINT": "LATENCY",
        # PyTorch's own choice: the physical cores.
        "INFERENCE_NUM_THREADS": torch.get_num_threads(),
        # Threads bound to cores wait for whatever else runs there.
        "ENABLE_CPU_PINNING": False,
    }
    try:
        runtime = OpenVinoRuntime(precision, ov.Core().compile_model(made, "CPU", settings))
        found = runtime(samples.images, samples.sizes)[0].softmax(1)
    except RuntimeError as error:  # as bfloat16 on a processor that offers less than it says
        log.warning("%s cannot compute here", precision.label, exc_info=True)
        raise RuntimeUnavailable(f"{precision.label} cannot compute here") from error
    off = (found - samples.types).abs().amax(1).mean()
    if not off <= precision.tolerance:  # also when it is not a number
        log.warning("%s is off by %.3g on generated chromosomes", precision.label, off)
        raise RuntimeUnavailable(f"{precision.label} does not agree with PyTorch here")
    return runtime


def _file(precision: _Precision, model: LoadedModel, cache: Path, version: str) -> Path | None:
    """Named by weights, form and library; None for weights without a checksum."""
    sha256 = str(model.card.get("sha256", ""))
    release = version.split("-")[0]
    name = f"{sha256[:16]}-{precision.form}-v{FORMAT}-openvino-{release}.xml"
    return cache / name if sha256 else None


def _sum_of(beside: Path, name: str, model: LoadedModel) -> str:
    """A hash of a converted network's files and of the weights, as they were read and checked."""
    digest = hashlib.sha256(f"{model.card['sha256']} {name}".encode())
    for suffix in SUFFIXES:
        if suffix != _SUM:
            data = read_plain(beside.with_suffix(suffix))
            digest.update(f" {suffix} {len(data)} ".encode() + data)
    return digest.hexdigest()


def _check_sum(file: Path, model: LoadedModel) -> None:
    """ValueError where the files are not those that were made here of these weights."""
    kept = read_plain_text(file.with_suffix(_SUM)).strip()
    if not hmac.compare_digest(kept, _sum_of(file, file.name, model)):
        raise ValueError("the converted network is not that of these weights")


def _stored(made: ov.Model, samples: _Samples, file: Path, model: LoadedModel) -> bool:
    """Write beside and rename, the .xml last; whether it worked."""
    import openvino as ov

    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=file.parent) as folder:
            beside = Path(folder) / file.name
            ov.save_model(made, beside, compress_to_fp16=False)
            samples.write(beside)
            beside.with_suffix(_SUM).write_text(_sum_of(beside, file.name, model))
            for suffix in SUFFIXES:
                beside.with_suffix(suffix).replace(file.with_suffix(suffix))
        _thin_out(file.parent)
    except (OSError, RuntimeError):
        log.warning("cannot keep %s", file.name, exc_info=True)
        return False
    return True


def _thin_out(folder: Path) -> None:
    """Remove all but the newest converted networks."""
    files = sorted(folder.glob("*-openvino-*.xml"), key=lambda f: f.stat().st_mtime)
    for file in files[:-KEPT]:
        for suffix in reversed(SUFFIXES):
            file.with_suffix(suffix).unlink(missing_ok=True)
