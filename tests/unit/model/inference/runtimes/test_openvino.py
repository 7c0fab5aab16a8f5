"""OpenVINO answers what PyTorch answers, is converted once, and never gets in the way."""

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from model.inference.runtimes import open_runtime, openvino_runtime
from model.inference.runtimes.base import BATCH
from model.inference.runtimes.samples import generated
from model.network.comparison import build_network
from model.vocabulary.labels import TYPES
from model.vocabulary.presets import NetworkConfig
from model.weights import LoadedModel, load_model
from tests.unit.model.builders import TINY, write_net

CPU = torch.device("cpu")
HAS_OPENVINO = importlib.util.find_spec("openvino") is not None
if not HAS_OPENVINO:
    print("OpenVINO is not installed: its runtimes are not tested")  # noqa: T201 (seen with -s)
pytestmark = pytest.mark.skipif(not HAS_OPENVINO, reason="OpenVINO is not installed")

Make = Callable[..., LoadedModel]
TELLING = replace(TINY, canvas=(96, 48), widths=(8, 16, 16), stem_channels=8, t1=40.0, t2=16.0)


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """A network whose answers differ from picture to picture."""

    return lambda config=TELLING: made(config, tmp_path / "w")


def made(config: NetworkConfig, folder: Path) -> LoadedModel:
    torch.manual_seed(7)
    net = build_network(config)
    with torch.no_grad():
        for name, weights in net.named_parameters():
            if "type" in name and name.endswith("weight"):
                weights *= 4.0
    return load_model(write_net(net, folder / "net.safetensors"), CPU)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that holds the usual network, to be read or copied."""
    kept = tmp_path_factory.mktemp("converted")
    open_runtime(made(TELLING, kept / "w"), "cpu", "openvino", kept / "cache")
    return kept / "cache"


def expected(model: LoadedModel, images: torch.Tensor, sizes: torch.Tensor) -> list[torch.Tensor]:
    with torch.inference_mode():
        output = model.net(images, sizes)
    return [output.type.softmax(1), output.polarity.softmax(1), output.boxes]


def fits(name: str) -> None:
    """Skip where this computer has no hardware for it."""
    fit = {"openvino-int8": openvino_runtime.fits_int8, "openvino-bf16": openvino_runtime.fits_bf16}
    if name in fit and not fit[name](CPU):
        pytest.skip(f"this computer has no hardware for {name}")


@pytest.mark.parametrize(
    ("name", "tolerance"), [("openvino", 1e-3), ("openvino-bf16", 0.02), ("openvino-int8", 0.02)]
)
def test_it_answers_what_torch_answers(make: Make, name: str, tolerance: float) -> None:
    fits(name)
    model = make()
    images, sizes = generated(model.config, TYPES)
    runtime = open_runtime(model, "cpu", name)
    assert (runtime.id, runtime.note, runtime.device) == (name, "", "cpu")
    types, polarities, boxes = runtime(images, sizes)
    wanted = expected(model, images, sizes)
    assert wanted[0].std(dim=0).max() > 2 * tolerance  # the pictures get different answers
    torch.testing.assert_close(types.softmax(1), wanted[0], atol=tolerance, rtol=0)
    torch.testing.assert_close(polarities.softmax(1), wanted[1], atol=tolerance, rtol=0)
    torch.testing.assert_close(boxes, wanted[2], atol=100 * tolerance, rtol=0)
    clear = wanted[0].topk(2).values @ torch.tensor([1.0, -1.0]) > 2 * tolerance
    assert clear.any()
    assert torch.equal(types.argmax(1)[clear], wanted[0].argmax(1)[clear])


@pytest.mark.parametrize("n", [1, BATCH - 3, 2 * BATCH + 1])
def test_any_number_of_pictures(make: Make, converted: Path, n: int) -> None:
    model = make()
    images, sizes = torch.randn(n, 1, *model.config.canvas), torch.randn(n, 2)
    found = open_runtime(model, "cpu", "openvino", converted)(images, sizes)[0]
    torch.testing.assert_close(
        found.softmax(1), expected(model, images, sizes)[0], atol=1e-3, rtol=0
    )


def test_views_of_a_batch_need_not_be_contiguous(make: Make, converted: Path) -> None:
    model = make()
    images, sizes = generated(model.config, ("1", "2", "3"))
    turned = images.transpose(0, 1).contiguous().transpose(0, 1)[::2]
    found = open_runtime(model, "cpu", "openvino", converted)(turned, sizes[::2])[0]
    torch.testing.assert_close(
        found.softmax(1), expected(model, turned, sizes[::2])[0], atol=1e-3, rtol=0
    )


def test_answers_are_not_overwritten_by_the_next_call(make: Make, converted: Path) -> None:
    model = make()
    images, sizes = generated(model.config, ("1", "21"))
    runtime = open_runtime(model, "cpu", "openvino", converted)
    first = runtime(images[:1], sizes[:1])[0]
    kept = first.clone()
    runtime(images[1:], sizes[1:])
    assert torch.equal(first, kept)


def test_the_papers_zoom_can_be_converted(make: Make) -> None:
    model = make(replace(TELLING, zoom_gradient="boxcar", normalisation="image"))
    assert open_runtime(model, "cpu", "openvino").note == ""


@pytest.mark.parametrize("name", ["openvino", "openvino-int8"])
def test_it_is_converted_once(
    make: Make, cache: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fits(name)
    model = make()
    images, sizes = generated(model.config, ("1", "2"))
    first = open_runtime(model, "cpu", name, cache)(images, sizes)[0]
    files = sorted(file.suffix for file in cache.iterdir())
    assert files == [".bin", ".npz", ".sum", ".xml"]
    assert all(file.name.startswith(model.card["sha256"][:16]) for file in cache.iterdir())

    def never(*_: object) -> None:
        raise AssertionError("converted again")

    monkeypatch.setattr(openvino_runtime, "_converted", never)
    monkeypatch.setattr(model.net, "forward", never)
    again = open_runtime(model, "cpu", name, cache)
    torch.testing.assert_close(again(images, sizes)[0], first, atol=1e-4, rtol=1e-4)


def test_a_swapped_network_is_not_accepted(
    make: Make, converted: Path, cache: Path, tmp_path: Path
) -> None:
    """Another network with answers of its own beside it, under the name of these weights."""
    shutil.copytree(converted, cache)
    model, other = make(), make()
    with torch.no_grad():
        for parameter in other.net.parameters():
            parameter.mul_(1.5)
    other = replace(other, card={**other.card, "sha256": "f" * 64})
    elsewhere = tmp_path / "elsewhere"
    open_runtime(other, "cpu", "openvino", elsewhere)
    (mine,), (theirs,) = cache.glob("*.xml"), elsewhere.glob("*.xml")
    for suffix in openvino_runtime.SUFFIXES:
        shutil.copy(theirs.with_suffix(suffix), mine.with_suffix(suffix))
    images, sizes = generated(model.config, ("1", "2"))
    torch.testing.assert_close(
        open_runtime(model, "cpu", "openvino", cache)(images, sizes)[0].softmax(1),
        expected(model, images, sizes)[0],
        atol=1e-3,
        rtol=0,
    )


@pytest.mark.parametrize(
    "damage", ["cut short", "of other weights", "no model", "no samples", "odd samples"]
)
def test_a_broken_cache_is_made_anew(make: Make, converted: Path, cache: Path, damage: str) -> None:
    model = make()
    shutil.copytree(converted, cache)
    (xml,), (weights,) = cache.glob("*.xml"), cache.glob("*.bin")
    if damage == "cut short":
        weights.write_bytes(weights.read_bytes()[:500])
    elif damage == "of other weights":
        weights.write_bytes(bytes(weights.stat().st_size))
    elif damage == "no model":
        xml.write_text("<net", encoding="utf-8")
    elif damage == "no samples":
        xml.with_suffix(".npz").unlink()
    else:
        xml.with_suffix(".npz").write_bytes(b"PK\x03\x04 and no more")
    runtime = open_runtime(model, "cpu", "openvino", cache)
    assert (runtime.id, runtime.note) == ("openvino", "")
    images, sizes = generated(model.config, ("1", "2"))
    torch.testing.assert_close(
        open_runtime(model, "cpu", "openvino", cache)(images, sizes)[0].softmax(1),
        expected(model, images, sizes)[0],
        atol=1e-3,
        rtol=0,
    )


def test_a_cache_that_cannot_be_written_only_costs_the_next_start(make: Make, cache: Path) -> None:
    cache.write_text("a file stands in the way", encoding="utf-8")
    runtime = open_runtime(make(), "cpu", "openvino", cache)
    assert runtime.id == "openvino"
    assert runtime.note == f"The converted network cannot be kept in {cache}."


def test_old_networks_leave_the_cache(make: Make, cache: Path) -> None:
    cache.mkdir()
    for number in range(openvino_runtime.KEPT + 2):
        for suffix in openvino_runtime.SUFFIXES:
            file = cache / f"{number}-fp32-v1-openvino-1{suffix}"
            file.touch()
            os.utime(file, (number, number))
    other = cache / "other.txt"
    other.touch()
    open_runtime(make(), "cpu", "openvino", cache)
    for suffix in openvino_runtime.SUFFIXES:
        assert len(list(cache.glob(f"*{suffix}"))) == openvino_runtime.KEPT
    assert not (cache / "0-fp32-v1-openvino-1.xml").exists()
    assert other.exists()


def test_a_runtime_that_fails_at_its_first_picture_is_not_used(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As bfloat16 on a processor that offers less than it says."""

    def fails(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(openvino_runtime.OpenVinoRuntime, "_compute", fails)
    runtime = open_runtime(make(), "cpu", "openvino")
    assert runtime.id == "torch"
    assert runtime.note == ("OpenVINO fp32, CPU cannot compute here; PyTorch fp32, CPU is used.")


def test_a_conversion_that_answers_wrongly_is_not_used(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = make()
    wrong = make(replace(TELLING, fused_hidden=4))
    convert = openvino_runtime._converted
    monkeypatch.setattr(
        openvino_runtime, "_converted", lambda precision, _: convert(precision, wrong)
    )
    runtime = open_runtime(model, "cpu", "openvino")
    assert runtime.id == "torch"
    assert runtime.note == (
        "OpenVINO fp32, CPU does not agree with PyTorch here; PyTorch fp32, CPU is used."
    )


def test_a_network_that_cannot_be_converted_is_left_to_torch(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    from model.inference.runtimes import conversion

    def refuse(*_: object) -> None:
        raise RuntimeError("no rule for this operation")

    monkeypatch.setattr(conversion, "convert", refuse)
    runtime = open_runtime(make(), "cpu", "openvino")
    assert runtime.note == "OpenVINO cannot convert this network; PyTorch fp32, CPU is used."


def test_eight_bit_convolutions_have_few_weights(make: Make, converted: Path, cache: Path) -> None:
    fits("openvino-int8")
    model = make()
    shutil.copytree(converted, cache)
    open_runtime(model, "cpu", "openvino-int8", cache)
    size = {file.name.split("-")[1]: file.stat().st_size for file in cache.glob("*.bin")}
    assert size["int8"] < 0.6 * size["fp32"]


def test_eight_bits_are_only_for_processors_that_add_them_up_exactly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx2": False})
    assert not openvino_runtime.fits_int8(CPU)
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx2": True, "avx512_vnni": False})
    assert openvino_runtime.fits_int8(CPU)
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx_vnni": True})
    assert openvino_runtime.fits_int8(CPU)
    assert not openvino_runtime.fits_int8(torch.device("cuda"))


def test_it_uses_as_many_threads_as_torch(make: Make, converted: Path) -> None:
    torch.set_num_threads(2)
    runtime = open_runtime(make(), "cpu", "openvino", converted)
    assert isinstance(runtime, openvino_runtime.OpenVinoRuntime)
    compiled = runtime._request.get_compiled_model()
    assert compiled.get_property("INFERENCE_NUM_THREADS") == 2


def test_nothing_is_reported_to_its_makers(tiny_weights: Path, tmp_path: Path) -> None:
    """In a process of its own: importing and converting leave neither the reporter nor its id."""
    home = tmp_path / "home"
    home.mkdir()
    program = (
        "import sys, torch, pathlib\n"
        "from model.weights import load_model\n"
        "from model.inference.runtimes import open_runtime\n"
        f"model = load_model(pathlib.Path({str(tiny_weights)!r}), torch.device('cpu'))\n"
        "assert open_runtime(model, 'cpu', 'openvino').id == 'openvino'\n"
        "assert 'openvino' in sys.modules\n"
        "assert not [n for n, m in sys.modules.items() if m and n.startswith('openvino_telem')]\n"
    )
    environment = {**os.environ, "HOME": str(home), "LOCALAPPDATA": str(home)}
    environment.pop("CI", None)
    subprocess.run([sys.executable, "-c", program], env=environment, check=True, timeout=200)
    assert list(home.iterdir()) == []


def test_without_vnni_no_two_products_overflow_16_bits(
    make: Make, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Weights of 7 bits, kept beside those of 8 under another name, and they agree with PyTorch."""
    import openvino as ov

    fits("openvino-int8")
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"avx2": True})
    model = make()
    runtime = open_runtime(model, "cpu", "openvino-int8", cache)
    assert (runtime.id, runtime.note) == ("openvino-int8", "")
    assert "7 bits" in runtime.label
    (file,) = cache.glob("*.xml")
    kept = [
        node.data for node in ov.Core().read_model(file).get_ordered_ops()
        if node.get_type_name() == "Constant" and node.get_element_type() == ov.Type.i8
    ]  # fmt: skip
    assert kept
    assert max(int(abs(weights.astype(int)).max()) for weights in kept) == 63
    assert 2 * 255 * 63 <= 32767
    images, sizes = generated(model.config, TYPES)
    types = runtime(images, sizes)[0].softmax(1)
    torch.testing.assert_close(types, expected(model, images, sizes)[0], atol=0.04, rtol=0)
