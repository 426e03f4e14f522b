"""K-means by MLlib: what it finds is a segmentation that needs no Spark any more."""

from typing import ClassVar

import numpy as np
import pandas as pd

from lodeworks.progress import Silent
from models.segments.centres import CentreSegmenter
from pipelines.config.sections import Engine
from pipelines.spark.session import open_session, spark_errors

__all__ = ["fit_in_spark"]

ATTEMPTS = 3
STEPS = 100
TOLERANCE = 1e-6


def fit_in_spark(segmenter: CentreSegmenter, places: np.ndarray, engine: Engine) -> None:
    """Find the centres with Spark; number the segments and assign the customers here.

    Parameters
    ----------
    segmenter : CentreSegmenter
        Unfitted; it is fitted when this returns, and knows nothing of Spark.
    places : numpy.ndarray of float64, shape (customers, attributes)
        On one scale.
    engine : Engine
        Of the kind ``spark``.

    Raises
    ------
    LodeError
        When Spark does not start or fails.

    Notes
    -----
    MLlib begins with k-means|| [1]_; the best of three attempts is kept. Sums of partitions are
    added in their order: another number of threads may move a centre in its last digits.

    .. [1] B. Bahmani et al. (2012). Scalable k-means++. Proceedings of the VLDB Endowment 5(7).
    """
    learner = _InSpark(segmenter.k, segmenter.random_state, engine).fit(places)
    segmenter.set_state(learner.get_state())
    segmenter.labels_ = learner.labels_


class _InSpark(CentreSegmenter):
    """Learns its centres in a Spark session."""

    family: ClassVar[str] = "k-means"
    complexity: ClassVar[int] = 1

    def __init__(self, k: int, random_state: int, engine: Engine) -> None:
        self.k = k
        self.random_state = random_state
        self.engine = engine

    def _learn(self, X: np.ndarray) -> None:
        count = min(self.k, len(np.unique(X, axis=0)))
        if count == 1:  # MLlib refuses it
            self.centres_ = X.mean(axis=0, keepdims=True)
            return
        engine = self.engine
        with open_session(engine.master, Silent(), engine.settings) as session, spark_errors():
            from pyspark.ml.clustering import KMeans
            from pyspark.ml.functions import array_to_vector

            frame = session.createDataFrame(pd.DataFrame({"places": list(X)}))
            frame = frame.select(array_to_vector(frame["places"]).alias("places")).cache()
            search = KMeans(featuresCol="places", k=count, maxIter=STEPS, tol=TOLERANCE)
            seeds = range(self.random_state, self.random_state + ATTEMPTS)
            fits = [search.setSeed(seed).fit(frame) for seed in seeds]
            best = min(fits, key=lambda fit: fit.summary.trainingCost)
            self.centres_ = np.array(best.clusterCenters(), dtype=np.float64)
            frame.unpersist()
