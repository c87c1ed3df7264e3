"""Three small regressions in closed form or by L-BFGS, and the area under the ROC curve."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Array = NDArray[np.float64]


def ridge(x: Array, y: Array, weight: Array, penalty: float) -> Array:
    """Weighted ridge regression without intercept: x (n, d), y (n, k), weight (n,); returns (d, k)."""
    weighted = x * weight[:, None]
    return np.asarray(np.linalg.solve(weighted.T @ x + penalty * np.eye(x.shape[1]), weighted.T @ y))


def softmax_regression(x: Array, y: NDArray[np.int64], weight: Array, penalty: float) -> tuple[Array, Array]:
    """Multinomial logistic regression with a ridge penalty on standardised features.

    Args:
        x: features (n, d). y: class numbers (n,), integers from 0. weight: (n,). penalty: at least 0.

    Returns:
        Coefficients (d, k) and intercepts (k,) for the features as given.
    """
    from scipy.optimize import minimize  # half a second that only training needs

    n, d = x.shape
    classes = int(y.max()) + 1
    mean, spread = x.mean(0), x.std(0) + 1e-9
    scaled = np.column_stack([(x - mean) / spread, np.ones(n)])
    wanted = np.eye(classes)[y]

    def loss(flat: Array) -> tuple[float, Array]:
        beta = flat.reshape(d + 1, classes)
        z = scaled @ beta
        z -= z.max(1, keepdims=True)
        log_p = z - np.log(np.exp(z).sum(1, keepdims=True))
        gradient = scaled.T @ (weight[:, None] * (np.exp(log_p) - wanted))
        gradient[:-1] += penalty * beta[:-1]
        value = -(weight[:, None] * wanted * log_p).sum() + penalty / 2 * (beta[:-1] ** 2).sum()
        return float(value), gradient.ravel()

    found = minimize(loss, np.zeros((d + 1) * classes), jac=True, method="L-BFGS-B", options={"maxiter": 500})
    beta = found.x.reshape(d + 1, classes)
    coefficients = beta[:-1] / spread[:, None]
    return coefficients, beta[-1] - mean @ coefficients


def sparse_softmax_regression(
    x: csr_array, y: NDArray[np.int64], weight: Array, penalty: float
) -> tuple[Array, Array]:
    """As :func:`softmax_regression`, for a sparse matrix (n, d) whose columns are taken as they are."""
    from scipy.optimize import minimize

    d, classes = x.shape[1], int(y.max()) + 1
    wanted = np.eye(classes)[y]

    def loss(flat: Array) -> tuple[float, Array]:
        beta = flat.reshape(d + 1, classes)
        z = x @ beta[:-1] + beta[-1]
        z -= z.max(1, keepdims=True)
        log_p = z - np.log(np.exp(z).sum(1, keepdims=True))
        error = weight[:, None] * (np.exp(log_p) - wanted)
        gradient = np.vstack([x.T @ error + penalty * beta[:-1], error.sum(0)])
        value = -(weight[:, None] * wanted * log_p).sum() + penalty / 2 * (beta[:-1] ** 2).sum()
        return float(value), gradient.ravel()

    found = minimize(loss, np.zeros((d + 1) * classes), jac=True, method="L-BFGS-B", options={"maxiter": 300})
    beta = found.x.reshape(d + 1, classes)
    return beta[:-1], beta[-1]


def softmax(z: Array) -> Array:
    """Probabilities (n, k) from scores (n, k)."""
    e = np.exp(z - z.max(1, keepdims=True))
    return np.asarray(e / e.sum(1, keepdims=True))


def auc(score: Array, positive: NDArray[np.bool_]) -> float:
    """Area under the ROC curve (Mann-Whitney), ties counted half."""
    from scipy.stats import rankdata  # half a second that only training needs

    n1, n0 = int(positive.sum()), int((~positive).sum())
    return float((rankdata(score)[positive].sum() - n1 * (n1 + 1) / 2) / (n1 * n0))
