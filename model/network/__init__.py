"""The Varifocal-Net as pure modules: no files, no choice of device."""
