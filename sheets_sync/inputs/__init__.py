"""From the cells of a snapshot to frames: headers matched, names compared, inputs fingerprinted."""
