"""From a run's answer to the blocks of cells that are written; knows no Google and no Excel."""
