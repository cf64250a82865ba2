"""Metal bodies in CT: the pump, and what is not one."""

from __future__ import annotations

from catheterview.device.catalogue import PUMP_MODELS, PumpModel
from catheterview.device.find import Devices, find_devices

__all__ = ["PUMP_MODELS", "Devices", "PumpModel", "find_devices"]
