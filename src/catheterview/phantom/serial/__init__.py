"""The same patient on another day: an earlier scan in another posture and breath, and a pump that has moved since."""

from __future__ import annotations

from catheterview.phantom.serial.carried import Going, breathed, carried
from catheterview.phantom.serial.moved import moved_pump
from catheterview.phantom.serial.posture import Posture, posed_phantom, posture_of
from catheterview.phantom.serial.prior import prior_recipe

__all__ = ["Going", "Posture", "breathed", "carried", "moved_pump", "posed_phantom", "posture_of", "prior_recipe"]
