"""Published tables on which every statistics package is checked."""

import numpy as np
import pandas as pd
import pytest


@pytest.fixture(scope="session")
def plants():
    """R's PlantGrowth (Dobson 1983)."""
    weights = {
        "ctrl": [4.17, 5.58, 5.18, 6.11, 4.50, 4.61, 5.17, 4.53, 5.33, 5.14],
        "trt1": [4.81, 4.17, 4.41, 3.59, 5.87, 3.83, 6.03, 4.89, 4.32, 4.69],
        "trt2": [6.31, 5.12, 5.54, 5.50, 5.37, 5.29, 4.92, 6.15, 5.80, 5.26],
    }
    return pd.DataFrame([(g, w) for g, ws in weights.items() for w in ws], columns=["group", "w"])


@pytest.fixture(scope="session")
def teeth():
    """R's ToothGrowth (Crampton 1947)."""
    lengths = {
        ("VC", "0.5"): [4.2, 11.5, 7.3, 5.8, 6.4, 10, 11.2, 11.2, 5.2, 7],
        ("VC", "1"): [16.5, 16.5, 15.2, 17.3, 22.5, 17.3, 13.6, 14.5, 18.8, 15.5],
        ("VC", "2"): [23.6, 18.5, 33.9, 25.5, 26.4, 32.5, 26.7, 21.5, 23.3, 29.5],
        ("OJ", "0.5"): [15.2, 21.5, 17.6, 9.7, 14.5, 10, 8.2, 9.4, 16.5, 9.7],
        ("OJ", "1"): [19.7, 23.3, 23.6, 26.4, 20, 25.2, 25.8, 21.2, 14.5, 27.3],
        ("OJ", "2"): [25.5, 26.4, 22.4, 24.5, 24.8, 30.9, 26.4, 27.3, 29.4, 23],
    }
    rows = [(s, d, x) for (s, d), xs in lengths.items() for x in xs]
    return pd.DataFrame(rows, columns=["supp", "dose", "len"])


@pytest.fixture(scope="session")
def cars():
    """Columns of R's mtcars (Motor Trend 1974)."""
    mpg = [21, 21, 22.8, 21.4, 18.7, 18.1, 14.3, 24.4, 22.8, 19.2, 17.8, 16.4, 17.3, 15.2, 10.4,
           10.4, 14.7, 32.4, 30.4, 33.9, 21.5, 15.5, 15.2, 13.3, 19.2, 27.3, 26, 30.4, 15.8, 19.7,
           15, 21.4]  # fmt: skip
    wt = [2.62, 2.875, 2.32, 3.215, 3.44, 3.46, 3.57, 3.19, 3.15, 3.44, 3.44, 4.07, 3.73, 3.78,
          5.25, 5.424, 5.345, 2.2, 1.615, 1.835, 2.465, 3.52, 3.435, 3.84, 3.845, 1.935, 2.14,
          1.513, 3.17, 2.77, 3.57, 2.78]  # fmt: skip
    hp = [110, 110, 93, 110, 175, 105, 245, 62, 95, 123, 123, 180, 180, 180, 205, 215, 230, 66, 52,
          65, 97, 150, 150, 245, 175, 66, 91, 113, 264, 175, 335, 109]  # fmt: skip
    am = [1, 1, 1, *[0] * 14, 1, 1, 1, *[0] * 5, *[1] * 7]
    return pd.DataFrame({"mpg": mpg, "wt": wt, "hp": np.array(hp, float), "am": am})


@pytest.fixture(scope="session")
def abilities():
    """R's ability.cov (Smith and Stanley 1983): six tests of 112 people."""
    names = ["general", "picture", "blocks", "maze", "reading", "vocab"]
    return names, np.array(
        [
            [24.641, 5.991, 33.520, 6.023, 20.755, 29.701],
            [5.991, 6.700, 18.137, 1.782, 4.936, 7.204],
            [33.520, 18.137, 149.831, 19.424, 31.430, 50.753],
            [6.023, 1.782, 19.424, 12.711, 4.757, 9.075],
            [20.755, 4.936, 31.430, 4.757, 52.604, 66.762],
            [29.701, 7.204, 50.753, 9.075, 66.762, 135.292],
        ]
    )
