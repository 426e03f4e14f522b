"""Bundles: everything a fitted candidate needs to score, in one folder of open formats."""

from experiments.bundle.folder import Bundle, load_bundle, write_bundle
from experiments.bundle.seal import SEAL, check_seal

__all__ = ["SEAL", "Bundle", "check_seal", "load_bundle", "write_bundle"]
