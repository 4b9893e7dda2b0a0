"""What a Gradus notebook imports: data sets, pictures, checks and the setup of the notebook."""

from helpers import checks as check
from helpers import figures, probes
from helpers.data import CirclesData, HousingData, MNISTData, USPSData
from helpers.setup import start

__all__ = ["CirclesData", "HousingData", "MNISTData", "USPSData", "check", "figures", "probes", "start"]
