"""The data sets: what they hold, where they come from, and what a reader is told when they cannot be had."""

import bz2
import functools
import hashlib
import http.server
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import torch

from helpers import data
from helpers.data import CirclesData, DataError, HousingData, MNISTData, USPSData
from helpers.vision import torchvision

ROOT = Path(__file__).parents[1]
USPS = ROOT.parent / "shared" / "data" / "usps"
NOWHERE = "http://127.0.0.1:9/"  # the discard port: the connection is refused


@pytest.fixture
def places(monkeypatch, tmp_path):
    """Stand in an empty repository, without data or cache, and return its data folder."""
    folder = tmp_path / "project" / "data"
    folder.mkdir(parents=True)
    monkeypatch.setattr(data, "PLACES", (tmp_path / "helpers" / "datasets", folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return folder


@pytest.fixture
def server(tmp_path):
    """Serve a folder on 127.0.0.1; return the folder and its address."""
    folder = tmp_path / "served"
    folder.mkdir()
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as httpd:
        threading.Thread(target=httpd.serve_forever).start()
        yield folder, f"http://127.0.0.1:{httpd.server_port}/"
        httpd.shutdown()


def md5(path):
    return hashlib.md5(path.read_bytes()).hexdigest()


def assert_sentence(error, *phrases):
    text = str(error.value)
    assert "\n" not in text
    assert text.endswith(".")
    for phrase in phrases:
        assert phrase in text


def test_circles_shapes_and_order():
    circles = CirclesData()
    for X, Y in ((circles.Xtrain, circles.Ytrain), (circles.Xtest, circles.Ytest)):
        assert X.shape == Y.shape == (200, 2)
        assert X.dtype == Y.dtype == torch.float32
        assert torch.equal(Y, torch.eye(2).repeat_interleave(100, dim=0))
    assert not torch.equal(circles.Xtrain, circles.Xtest)
    assert "200 train + 200 test" in repr(circles)


def test_circles_radii_and_noise():
    X = np.concatenate([CirclesData(seed).Xtrain.numpy() for seed in range(200)]).reshape(200, 2, 100, 2)
    squares = (X**2).sum(axis=-1).mean(axis=(0, 2))  # E|x|² = radius² + 2 · 0.2²
    np.testing.assert_allclose(squares - 2 * 0.2**2, [1.0, 0.33**2], atol=0.01)
    np.testing.assert_allclose(X.mean(axis=(0, 2)), 0, atol=0.02)
    # On the outer circle, the fourth moment tells Gaussian noise of 0.2 from a noise on the radius.
    fourth = ((X[:, 0] ** 2).sum(axis=-1) ** 2).mean()
    np.testing.assert_allclose(fourth, 1 + 8 * 0.2**2 + 8 * 0.2**4, rtol=0.02)


def test_circles_depend_on_the_seed_only():
    np.random.seed(1)
    torch.manual_seed(1)
    first, again, other = CirclesData(), CirclesData(seed=8), CirclesData(seed=1)
    assert first.Xtrain.numpy().tobytes() == again.Xtrain.numpy().tobytes()
    assert first.Xtest.numpy().tobytes() == again.Xtest.numpy().tobytes()
    assert not torch.equal(first.Xtrain, other.Xtrain)


def test_grid():
    grid = CirclesData().Xgrid
    assert grid.shape == (1600, 2)
    assert grid.dtype == torch.float32
    for i, j in ((0, 0), (0, 39), (39, 0), (7, 23)):
        torch.testing.assert_close(grid[40 * i + j], torch.tensor([-2 + 0.1 * j, -2 + 0.1 * i]))


def test_mnist():
    mnist = MNISTData()
    assert mnist.Xtrain.shape == (60000, 784)
    assert mnist.Xtest.shape == (10000, 784)
    assert mnist.Xtrain.dtype == mnist.Ytest.dtype == torch.float32
    assert mnist.Xtrain.min() == 0
    assert mnist.Xtrain.max() == 1
    assert mnist.Xtrain.mean().item() == pytest.approx(0.1307, abs=1e-4)
    assert mnist.Xtrain.std().item() == pytest.approx(0.3081, abs=1e-4)
    train = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    test = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert mnist.Ytrain.sum(dim=0).tolist() == train
    assert mnist.Ytest.sum(dim=0).tolist() == test
    assert "60000 train + 10000 test" in repr(mnist)


def test_mnist_is_downloaded_once(places, server, monkeypatch, capfd):
    folder, address = server
    for path in (ROOT / "data" / "mnist").iterdir():
        shutil.copy(path, folder)
    mnist = torchvision().datasets.MNIST
    monkeypatch.setattr(mnist, "mirrors", [address])
    monkeypatch.setattr(mnist, "resources", [(name, md5(folder / name)) for name in data.MNIST_FILES])
    monkeypatch.setattr(http.server.SimpleHTTPRequestHandler, "log_message", lambda *args: None)
    downloaded = MNISTData()
    out, err = capfd.readouterr()
    assert "100%" in out
    assert err == ""
    monkeypatch.setattr(mnist, "mirrors", [NOWHERE])
    again = MNISTData()
    assert torch.equal(again.Xtrain, downloaded.Xtrain)
    assert downloaded.Ytest.sum(dim=0)[1] == 1135

    images = data._cache() / "MNIST" / "raw" / "t10k-images-idx3-ubyte"
    images.write_bytes(images.read_bytes()[:1000])
    with pytest.raises(DataError) as error:
        MNISTData()
    assert_sentence(error, str(images), "delete it and run this again")
    images.unlink()
    assert torch.equal(MNISTData().Xtest, downloaded.Xtest)  # unpacked again from what was downloaded


def test_mnist_without_network(places, monkeypatch, capfd):
    monkeypatch.setattr(torchvision().datasets.MNIST, "mirrors", [NOWHERE])
    with pytest.raises(DataError) as error:
        MNISTData()
    assert_sentence(error, "connect to the Internet and run this again")
    assert error.value._render_traceback_() == [f"DataError: {error.value}"]
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("damage", [lambda b: b[:5000], lambda b: b"", lambda b: b[:99] + b"\0" * 99 + b[198:]])
def test_damaged_mnist_in_a_checkout(places, damage):
    shutil.copytree(ROOT / "data" / "mnist", places / "mnist")
    (places.parent / ".git").mkdir()
    path = places / "mnist" / "t10k-images-idx3-ubyte.gz"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(DataError) as error:
        MNISTData()
    assert_sentence(
        error,
        str(path),
        "`git checkout -- data/mnist/t10k-images-idx3-ubyte.gz`",
        f"in the folder {places.parent}",
    )


def test_the_command_restores_the_file(places):
    root = places.parent
    (places / "housing").mkdir()
    path = places / "housing" / "boston_housing.csv"
    shutil.copy(ROOT / "data" / "housing" / path.name, path)
    git = ["git", "-C", root, "-c", "user.name=test", "-c", "user.email=test@localhost"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "data"]):
        subprocess.run([*git, *command], check=True)
    path.unlink()
    with pytest.raises(DataError) as error:
        HousingData()
    subprocess.run(str(error.value).split("`")[1], shell=True, cwd=root, check=True, stderr=subprocess.DEVNULL)
    assert len(HousingData().Xtrain) == 404


def test_damaged_file_in_an_installed_package(places):
    folder = data.PLACES[0] / "housing"
    folder.mkdir(parents=True)
    (folder / "boston_housing.csv").write_text("CRIM,ZN\n1,2\n")
    with pytest.raises(DataError) as error:
        HousingData()
    assert_sentence(error, "`pip install --force-reinstall --no-deps git+https://", "then restart the kernel")


def test_damaged_file_elsewhere(places):
    with pytest.raises(DataError) as error:
        USPSData(places)
    assert_sentence(error, "zip.train.gz is missing or damaged: put an intact copy in its place")


def test_damaged_usps_in_a_checkout_which_never_held_it(places):
    (places.parent / ".git").mkdir()
    (places / "usps").mkdir()
    for name in data.USPS_FILES:
        (places / "usps" / name).write_bytes(b"")
    with pytest.raises(DataError) as error:
        USPSData()
    assert_sentence(error, "put an intact copy in its place")


def test_housing():
    housing = HousingData()
    assert housing.Xtrain.shape == (404, 12)
    assert housing.Xtest.shape == (102, 12)
    assert housing.Ytrain.shape == (404, 1)
    assert housing.Xtrain.dtype == housing.Ytest.dtype == torch.float32
    assert housing.names == [
        "CRIM",
        "ZN",
        "INDUS",
        "CHAS",
        "NOX",
        "RM",
        "AGE",
        "DIS",
        "RAD",
        "TAX",
        "PTRATIO",
        "LSTAT",
    ]
    torch.testing.assert_close(housing.Xtrain.mean(dim=0), torch.zeros(12), atol=1e-6, rtol=0)
    torch.testing.assert_close(housing.Xtrain.std(dim=0, correction=0), torch.ones(12))
    prices = torch.cat([housing.Ytrain, housing.Ytest])
    assert (prices.min(), prices.max()) == (5, 50)
    assert torch.equal(housing.Xtrain, HousingData().Xtrain)


def test_housing_with_b():
    housing = HousingData(with_b=True)
    assert housing.Xtrain.shape == (404, 13)
    assert housing.names.index("B") == 11
    without = torch.cat([housing.Xtrain[:, :11], housing.Xtrain[:, 12:]], dim=1)
    assert torch.equal(without, HousingData().Xtrain)


@pytest.mark.skipif(not USPS.is_dir(), reason="the USPS files are not part of the project")
@pytest.mark.parametrize("given", [True, False])
def test_usps_files(places, given):
    if not given:
        shutil.copytree(USPS, places / "usps")
    usps = USPSData(USPS if given else None)
    assert usps.Xtrain.shape == (7291, 256)
    assert usps.Xtest.shape == (2007, 256)
    assert (usps.Xtrain.min(), usps.Xtrain.max()) == (-1, 1)
    assert usps.Ytrain.sum(dim=0).tolist() == [1194, 1005, 731, 658, 652, 556, 664, 645, 542, 644]
    assert usps.Ytest.sum(dim=0).tolist() == [359, 264, 198, 166, 200, 160, 170, 147, 166, 177]
    assert "USPS handwritten digits" in repr(usps)


def test_usps_is_downloaded(places, server, monkeypatch, capfd):
    folder, address = server
    random = np.random.RandomState(0)
    pixels = {"train": random.uniform(-1, 1, (30, 256)), "test": random.uniform(-1, 1, (20, 256))}
    split_list = {}
    for split, images in pixels.items():
        lines = (f"{i % 10 + 1} " + " ".join(f"{j}:{x}" for j, x in enumerate(row, 1)) for i, row in enumerate(images))
        path = folder / f"{split}.bz2"
        path.write_bytes(bz2.compress("\n".join(lines).encode()))
        split_list[split] = [address + path.name, path.name, md5(path)]
    monkeypatch.setattr(torchvision().datasets.USPS, "split_list", split_list)
    monkeypatch.setattr(http.server.SimpleHTTPRequestHandler, "log_message", lambda *args: None)
    usps = USPSData()
    assert capfd.readouterr().err == ""
    np.testing.assert_allclose(usps.Xtrain, pixels["train"], atol=1 / 127)
    np.testing.assert_allclose(usps.Xtest, pixels["test"], atol=1 / 127)
    assert usps.Ytrain.argmax(dim=1).tolist() == [i % 10 for i in range(30)]

    (data._cache() / "train.bz2").write_bytes(b"interrupted")
    assert torch.equal(USPSData().Xtrain, usps.Xtrain)


def test_usps_falls_back_to_mnist(places, monkeypatch, capfd):
    shutil.copytree(ROOT / "data" / "mnist", places / "mnist")
    split_list = {split: [NOWHERE, f"{split}.bz2", "0"] for split in ("train", "test")}
    monkeypatch.setattr(torchvision().datasets.USPS, "split_list", split_list)
    usps = USPSData()
    out, err = capfd.readouterr()
    assert out.count("\n") == 1
    assert "this is MNIST resampled to 16 × 16 in its place" in out
    assert err == ""
    assert "MNIST resampled" in repr(usps)
    assert usps.Xtrain.shape == (7291, 256)
    assert usps.Xtest.shape == (2007, 256)
    assert usps.Ytest.shape == (2007, 10)
    assert (usps.Xtrain.min(), usps.Xtrain.max()) == (-1, 1)


def test_importing_the_helpers_is_light():
    script = (
        "import sys, torch, numpy; before = set(sys.modules); import helpers; "
        "slow = {'matplotlib', 'torchvision', 'IPython', 'tqdm', 'sklearn'}; "
        "print((sys.modules.keys() - before) & slow)"
    )
    run = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


def test_torchvision_transforms_work():
    transforms = torchvision().transforms
    image = torch.randint(0, 256, (1, 28, 28), dtype=torch.uint8)
    assert transforms.AutoAugment()(image.repeat(3, 1, 1)).shape == (3, 28, 28)
    assert transforms.RandomAffine(10)(image).shape == (1, 28, 28)


def test_torchvision_still_imports_after_a_failed_import():
    script = (
        "import contextlib, warnings\n"
        "warnings.simplefilter('error')\n"
        "with contextlib.suppress(RuntimeError):\n"
        "    import torchvision\n"
        "from helpers.vision import torchvision as door\n"
        "import gc; assert door() is door(); gc.collect()\n"
        "import torchvision; from torchvision.transforms import v2\n"
        "assert torchvision is door()\n"
    )
    run = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")
