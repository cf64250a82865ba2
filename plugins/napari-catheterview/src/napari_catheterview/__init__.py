"""Review of intrathecal drug pump imaging in napari."""
