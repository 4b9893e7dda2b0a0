"""The data sets of the series, as float32 tensors: drawn from a seed, read from the project's files or fetched."""

import contextlib
import gzip
import os
import sys
import warnings
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import ArrayLike
from torch import Tensor

from helpers import plots
from helpers.messages import _
from helpers.vision import torchvision

PACKAGE = Path(__file__).resolve().parent
PLACES = (PACKAGE / "datasets", PACKAGE.parent / "data")  # in an installed wheel, in the repository

MNIST_FILES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)
USPS_FILES = {"zip.train.gz": 7291, "zip.test.gz": 2007}  # images in each


class DataError(Exception):
    """A data set cannot be read; the message is one sentence that says what to do."""

    def _render_traceback_(self) -> list[str]:
        return [f"DataError: {self}"]


class Data:
    """What the data sets share: four tensors with one example per row, a description and loss curves.

    Xtrain, Xtest: inputs (n, nx); Ytrain, Ytest: targets (n, ny).
    """

    def __init__(self, train: tuple[ArrayLike, ArrayLike], test: tuple[ArrayLike, ArrayLike], about: str):
        self.Xtrain, self.Ytrain = (torch.as_tensor(array, dtype=torch.float32) for array in train)
        self.Xtest, self.Ytest = (torch.as_tensor(array, dtype=torch.float32) for array in test)
        self.about = about
        self.curves = plots.LossPlot()

    def __repr__(self) -> str:
        """Say the sizes, and what the data are."""
        sizes = _("{train} train + {test} test examples, nx = {nx}, ny = {ny}").format(
            train=len(self.Xtrain), test=len(self.Xtest), nx=self.Xtrain.shape[1], ny=self.Ytrain.shape[1]
        )
        return f"{type(self).__name__}: {sizes}; {self.about}"

    def plot_loss(self, loss_train: float, loss_test: float, acc_train: float, acc_test: float) -> None:
        """Add one point to the curves of loss and accuracy, and redraw them in place.

        Call it once per epoch, with numbers or one-element tensors (else ValueError); accuracies lie in [0, 1].
        The numbers of the current cell are kept in `curves.history`.
        """
        self.curves.add(loss_train=loss_train, loss_test=loss_test, acc_train=acc_train, acc_test=acc_test)


class CirclesData(Data):
    """Two noisy concentric circles: class 0 outside (radius 1), class 1 inside (radius 0.33).

    200 + 200 points with targets one-hot (n, 2), sorted by class; noise of standard deviation 0.2 on both coordinates.
    Xgrid: (1600, 2), a 40 × 40 grid from -2 in steps of 0.1, row after row from the bottom:
    Xgrid[40 * i + j] = (-2 + 0.1 j, -2 + 0.1 i).
    """

    # In this draw a trained network does a little worse on test than on train, as one expects of new points.
    def __init__(self, seed: int = 8):
        random = np.random.RandomState(seed)  # the one generator whose numbers no numpy version may change
        classes = np.repeat([0, 1], 100)

        def draw() -> tuple[np.ndarray, np.ndarray]:
            angle = random.uniform(0, 2 * np.pi, 200)
            circle = np.array([1.0, 0.33])[classes, None] * np.column_stack([np.cos(angle), np.sin(angle)])
            return circle + random.normal(0, 0.2, (200, 2)), np.eye(2)[classes]

        super().__init__(draw(), draw(), _("two noisy circles, seed {seed}").format(seed=seed))
        steps = -2 + 0.1 * torch.arange(40, dtype=torch.float64)
        x2, x1 = torch.meshgrid(steps, steps, indexing="ij")
        self.Xgrid = torch.stack([x1.flatten(), x2.flatten()], dim=1).float()

    def plot_data(self) -> None:
        """Draw the points: one colour and marker per class, filled for train, hollow for test."""
        plots.circles((self.Xtrain, self.Ytrain), (self.Xtest, self.Ytest))

    def plot_data_with_grid(self, Ygrid: ArrayLike | Tensor, title: str = "") -> None:
        """Draw the points over the predictions on the grid, with the boundary between the classes.

        Ygrid: (1600, ny) predictions for Xgrid, ny >= 2, column 1 being the probability of class 1; a tensor may
        require grad. ValueError where the shape is another or a number is not finite.
        """
        train, test = (self.Xtrain, self.Ytrain), (self.Xtest, self.Ytest)
        plots.circles_and_grid(train, test, self.Xgrid, Ygrid, title)


class MNISTData(Data):
    """MNIST: 60 000 + 10 000 handwritten digits, pixels in [0, 1] (n, 784), targets one-hot (n, 10).

    Read from the project's files; where there are none, downloaded once into the user's cache folder. The training
    images, 188 MB, are read when they are first asked for.
    Source: LeCun, Cortes and Burges, http://yann.lecun.com/exdb/mnist/. DataError where it cannot be had.
    """

    def __init__(self):
        self.about = _("MNIST handwritten digits, 28 × 28 pixels in [0, 1]")
        self.curves = plots.LossPlot()
        files = _mnist_files()
        self._train = files[:2]
        self.Xtest, self.Ytest = _read_digits(*files[2:])

    def __getattr__(self, name: str) -> Tensor:
        if name not in ("Xtrain", "Ytrain"):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        parts = dict(zip(("Xtrain", "Ytrain"), _read_digits(*self._train), strict=True))
        vars(self).update(parts | vars(self))  # which may hold one of the two, set from outside
        return parts[name]


class HousingData(Data):
    """Boston Housing: 404 + 102 districts in random order, to predict the median price of a home.

    Features (n, 12) are standardised with the mean and standard deviation of the training part and listed in
    `names`; Y (n, 1) is in thousands of dollars. Column B encodes race: it is left out unless `with_b`.
    Source: Harrison and Rubinfeld (1978). DataError where the file is missing or damaged.
    """

    def __init__(self, with_b: bool = False):
        path = _find("housing", ["boston_housing.csv"]) or PLACES[1] / "housing"
        path /= "boston_housing.csv"
        with _intact(path):
            header = path.read_text().splitlines()[0].split(",")
            table = dict(zip(header, np.loadtxt(path, delimiter=",", skiprows=1, unpack=True), strict=True))
            price = table.pop("MEDV").reshape(506, 1)
        if not with_b:
            del table["B"]
        self.names = list(table)
        features = np.column_stack(list(table.values()))
        train, test = np.split(np.random.RandomState(0).permutation(506), [404])
        features = (features - features[train].mean(axis=0)) / features[train].std(axis=0)
        super().__init__(
            (features[train], price[train]),
            (features[test], price[test]),
            _("Boston Housing, standardised features, price in k$"),
        )


class USPSData(Data):
    """USPS: 7291 + 2007 digits from envelopes, pixels in [-1, 1] (n, 256), targets one-hot (n, 10).

    Read from zip.train.gz and zip.test.gz in `folder` or data/usps (the files of "The Elements of Statistical
    Learning"), else downloaded by torchvision; without a network, MNIST resampled to 16 × 16 takes their place,
    and a printed line says so. DataError where a file is damaged, or missing from `folder`.
    """

    def __init__(self, folder: str | Path | None = None):
        about = _("USPS handwritten digits, 16 × 16 pixels in [-1, 1]")
        if folder := folder or _find("usps", USPS_FILES):
            train, test = (_read_zip(Path(folder) / name, count) for name, count in USPS_FILES.items())
        else:
            try:
                train, test = _download_usps()
            except (OSError, RuntimeError):
                about = _("MNIST resampled to 16 × 16 pixels in [-1, 1], in the place of USPS")
                print(_("USPS could not be downloaded: this is MNIST resampled to 16 × 16 in its place."))
                mnist = MNISTData()
                train = _resampled(mnist.Xtrain[:7291]), mnist.Ytrain[:7291]
                test = _resampled(mnist.Xtest[:2007]), mnist.Ytest[:2007]
        super().__init__(train, test, about)


def _find(name: str, files: Iterable[str]) -> Path | None:
    """Return the project's data folder `name` if it holds all `files`."""
    folders = (place / name for place in PLACES)
    return next((folder for folder in folders if all((folder / file).is_file() for file in files)), None)


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gradus"


@contextlib.contextmanager
def _intact(path: Path) -> Iterator[None]:
    """Turn whatever a missing or damaged file raises while it is read into a DataError."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)  # all that numpy does about an empty file
            yield
    except (EOFError, LookupError, OSError, UserWarning, ValueError, zlib.error):
        message = _("{path} is missing or damaged: {remedy}.").format(path=path, remedy=_remedy(path))
        raise DataError(message) from None


def _remedy(path: Path) -> str:
    wheel, data = PLACES
    root = data.parent
    in_git = path.is_relative_to(data) and path.parent.name != "usps"  # which is not ours to distribute
    if in_git and (root / ".git").exists():
        command = f"git checkout -- {path.relative_to(root).as_posix()}"
        return _("run `{command}` in the folder {root}").format(command=command, root=root)
    if path.is_relative_to(wheel):
        from importlib.metadata import metadata

        package = metadata("gradus")
        url = package["Project-URL"].split(", ")[1]
        command = f"pip install --force-reinstall --no-deps git+{url}@v{package['Version']}"
        return _("run `{command}`, then restart the kernel").format(command=command)
    if path.is_relative_to(_cache()):
        return _("delete it and run this again, to download it anew")
    return _("put an intact copy in its place")


def _mnist_files() -> list[Path]:
    """Return where the four files are, in the order of MNIST_FILES, once they are there."""
    if folder := _find("mnist", MNIST_FILES):
        return [folder / name for name in MNIST_FILES]
    raw = _cache() / "MNIST" / "raw"  # where torchvision unpacks them
    files = [raw / name.removesuffix(".gz") for name in MNIST_FILES]
    if not all(file.is_file() for file in files):
        try:
            with contextlib.redirect_stderr(sys.stdout):  # the progress bar
                torchvision().datasets.MNIST(_cache(), download=True)
        except (OSError, RuntimeError):
            raise DataError(_("MNIST could not be downloaded: connect to the Internet and run this again.")) from None
    return files


def _read_idx(path: Path) -> np.ndarray:
    """Read an IDX file: two zero bytes, the type, the number of dimensions, the dimensions, the bytes."""
    with _intact(path):
        content = path.read_bytes()
        if path.suffix == ".gz":
            content = gzip.decompress(content)
        shape = np.frombuffer(content, ">i4", count=content[3], offset=4)
        return np.frombuffer(content, np.uint8, offset=4 + 4 * len(shape)).reshape(shape)


def _read_digits(images: Path, labels: Path) -> tuple[Tensor, Tensor]:
    """Read one half of MNIST: X (n, 784), pixels in [0, 1], and one-hot Y (n, 10)."""
    return torch.from_numpy(_pixels(_read_idx(images))), torch.from_numpy(_one_hot(_read_idx(labels)))


def _pixels(images: np.ndarray) -> np.ndarray:
    pixels = images.reshape(len(images), -1).astype(np.float32)
    pixels /= 255
    return pixels


def _one_hot(labels: ArrayLike) -> np.ndarray:
    return np.eye(10, dtype=np.float32)[labels]


def _read_zip(path: Path, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Read `count` images of a file of "The Elements of Statistical Learning": X (count, 256), one-hot Y."""
    with _intact(path):
        table = np.loadtxt(path, dtype=np.float32).reshape(count, 257)
        return table[:, 1:], _one_hot(table[:, 0].astype(int))


def _download_usps() -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    """Return (X, Y) of train and test from torchvision's files; OSError or RuntimeError where there are none."""
    datasets = torchvision().datasets
    with contextlib.redirect_stderr(sys.stdout):
        for url, name, md5 in datasets.USPS.split_list.values():
            datasets.utils.download_url(url, _cache(), name, md5)  # again, where an interruption left it damaged
    parts = (datasets.USPS(_cache(), train) for train in (True, False))
    return tuple((2 * _pixels(part.data) - 1, _one_hot(part.targets)) for part in parts)


def _resampled(X: Tensor) -> Tensor:
    """Shrink images (n, 784) in [0, 1] to (n, 256) in [-1, 1]."""
    images = torch.nn.functional.interpolate(X.reshape(-1, 1, 28, 28), size=(16, 16), mode="area")
    return 2 * images.flatten(start_dim=1) - 1
