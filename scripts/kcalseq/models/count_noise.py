"""Log probabilities of counts: binomial, beta-binomial, Poisson, negative binomial; all in nats.

Written as differences of log Gammas these probabilities lose digits: for n and kappa of 1e8 each term is about 1e9 and
their sum about 10, so eight of sixteen digits are left. Here Stirling's leading terms x log x - x are taken out of
every log Gamma by hand and gathered into Kullback-Leibler divergences, as Loader (2000, "Fast and accurate computation
of binomial probabilities") does for the binomial. With f = k / n, p = alpha / kappa and q = (alpha + k) / (kappa + n)

    log BB(k; n, p, kappa) = -n KL(f || q) - kappa KL(p || q) + terms of the size of log n,

and the same for the others. Nothing large cancels any more: errors are a few units in the last place of the deviation
k - n p and of the logarithms. Small probabilities come in as logits and logs, so that no tail is rounded to 0.

Arguments broadcast: counts (n_obs,) against parameters (n_members, n_obs) or (n_members, 1). All results can be
differentiated twice. Good for |logit p| and |log mu| up to 250, |log kappa| and |log alpha| up to 100.
"""

import math

import torch

# Below, log Gamma itself; above, five terms of Stirling's series, whose rest is then less than 1e-15.
_LOG_SERIES_FROM = math.log(16.0)
# Ratios that are nearer to 1 than this are found from their difference to 1, the others from logarithms.
_NEAR = 0.5
# exp(-_FAR) is a probability whose inverse cube, which second derivatives need, is still finite.
_FAR = 150.0


def binomial(k: torch.Tensor, n: torch.Tensor, logit_p: torch.Tensor) -> torch.Tensor:
    """log probability of k successes in n trials.

    Args:
        k, n: float64 whole numbers, 0 <= k <= n.
        logit_p: log odds of a success.

    Returns:
        nats, of the broadcast shape.
    """
    m, log_p, log_r = n - k, torch.nn.functional.logsigmoid(logit_p), torch.nn.functional.logsigmoid(-logit_p)
    excess = k * log_r.exp() - m * log_p.exp()
    successes = _log_ratio(-excess / k.clamp_min(1.0), log_p + _log_of(n) - _log_of(k))
    failures = _log_ratio(excess / m.clamp_min(1.0), log_r + _log_of(n) - _log_of(m))
    return _log_choose_rest(k, m, n) + k * successes + m * failures


def beta_binomial(k: torch.Tensor, n: torch.Tensor, logit_p: torch.Tensor, log_kappa: torch.Tensor) -> torch.Tensor:
    """log probability of k successes in n trials whose rate is Beta(kappa p, kappa (1 - p)).

    The variance is n p (1 - p) (kappa + n) / (kappa + 1): binomial for kappa -> infinity.

    Args:
        k, n: float64 whole numbers, 0 <= k <= n.
        logit_p: log odds of the mean rate.
        log_kappa: log concentration.

    Returns:
        nats, of the broadcast shape.
    """
    m, log_n = n - k, _finite_log(n)
    log_p, log_r = torch.nn.functional.logsigmoid(logit_p), torch.nn.functional.logsigmoid(-logit_p)
    near = logit_p.clamp(-_FAR, _FAR)
    p, r = torch.sigmoid(near), torch.sigmoid(-near)
    excess = k * r - m * p
    log_a, log_b, log_kappa_n = log_kappa + log_p, log_kappa + log_r, _log_sum(log_kappa, log_n)
    log_ak, log_bm = _log_sum(log_a, _finite_log(k)), _log_sum(log_b, _finite_log(m))
    growth = _log1p_exp(log_n - log_kappa)  # log(1 + n / kappa)
    per_rate, shrunk = excess * torch.exp(-log_kappa_n), excess * torch.exp(-growth)
    # log(q / p) and log(q / f), for successes and for failures.
    q_over_p = _log_ratio(per_rate / p, log_ak - log_a - growth)
    q_over_p_failing = _log_ratio(-per_rate / r, log_bm - log_b - growth)
    q_over_f = _log_ratio(-shrunk / k.clamp_min(1.0), log_ak - log_kappa_n + _log_of(n) - _log_of(k))
    q_over_f_failing = _log_ratio(shrunk / m.clamp_min(1.0), log_bm - log_kappa_n + _log_of(n) - _log_of(m))
    rest = _stirling_rest(log_ak) - _stirling_rest(log_a) + _stirling_rest(log_bm) - _stirling_rest(log_b)
    rest = rest - _stirling_rest(log_kappa_n) + _stirling_rest(log_kappa) + _log_choose_rest(k, m, n) - growth
    divergence_p = (log_a.exp() - 1.0) * q_over_p + (log_b.exp() - 1.0) * q_over_p_failing
    return rest + divergence_p + k * q_over_f + m * q_over_f_failing


def poisson(k: torch.Tensor, log_mu: torch.Tensor) -> torch.Tensor:
    """log probability of a count k of mean mu.

    Args:
        k: float64 whole numbers >= 0.
        log_mu: log mean.

    Returns:
        nats, of the broadcast shape.
    """
    excess = k - log_mu.exp()
    ratio = _log_ratio(-excess / k.clamp_min(1.0), log_mu - _log_of(k))
    return k * ratio + excess - _stirling_rest(_finite_log(k))


def negative_binomial(k: torch.Tensor, log_mu: torch.Tensor, log_alpha: torch.Tensor) -> torch.Tensor:
    """log probability of a count k of mean mu and variance mu + alpha mu^2.

    A Poisson count whose mean is Gamma distributed with shape 1 / alpha: Poisson for alpha -> 0.

    Args:
        k: float64 whole numbers >= 0.
        log_mu: log mean.
        log_alpha: log dispersion.

    Returns:
        nats, of the broadcast shape.
    """
    excess, log_r = k - log_mu.exp(), -log_alpha
    log_rk, log_r_mu = _log_sum(log_r, _finite_log(k)), _log_sum(log_r, log_mu)
    growth = _log1p_exp(log_alpha + log_mu)  # log(1 + alpha mu)
    counted = _log_ratio(
        -excess * torch.exp(-growth) / k.clamp_min(1.0), log_mu + log_rk - _log_of(k) - log_r_mu
    )  # log of mu (r + k) / (k (r + mu))
    shape = _log_ratio(excess * torch.exp(-log_r_mu), log_rk - log_r_mu)  # log of (r + k) / (r + mu)
    rest = (
        _stirling_rest(log_rk)
        - _stirling_rest(log_r)
        - _stirling_rest(_finite_log(k))
        - _log1p_exp(_finite_log(k) + log_alpha)
    )
    return rest + k * counted + log_r.exp() * shape


def _stirling_rest(log_x: torch.Tensor) -> torch.Tensor:
    """log Gamma(x + 1) - x log x + x from log x: 0 at x = 0, about log(2 pi x) / 2 for large x."""
    log_small = log_x.clamp(-700.0, _LOG_SERIES_FROM)
    small = log_small.exp()
    below = torch.lgamma(small + 1.0) - small * log_small + small
    log_large = log_x.clamp_min(_LOG_SERIES_FROM)
    inverse = torch.exp(-log_large)
    square = inverse * inverse
    series = 1.0 / 12.0 - square * (1.0 / 360.0 - square * (1.0 / 1260.0 - square * (1.0 / 1680.0 - square / 1188.0)))
    above = 0.5 * (math.log(2.0 * math.pi) + log_large) + inverse * series
    return torch.where(log_x < _LOG_SERIES_FROM, below, above)


def _log_choose_rest(k: torch.Tensor, m: torch.Tensor, n: torch.Tensor) -> torch.Tensor:
    """log (n choose k) + k log(k / n) + m log(m / n), m = n - k."""
    return _stirling_rest(_finite_log(n)) - _stirling_rest(_finite_log(k)) - _stirling_rest(_finite_log(m))


def _log_ratio(difference: torch.Tensor, log_ratio: torch.Tensor) -> torch.Tensor:
    """Log of a ratio, given both as its difference to 1 and, less exactly near 1, as a difference of logarithms."""
    near = torch.log1p(difference.clamp(-_NEAR, _NEAR))
    return torch.where(difference.abs() < _NEAR, near, log_ratio)


def _log_of(count: torch.Tensor) -> torch.Tensor:
    """log of a count, 0 for none: such logs are multiplied by the count."""
    return count.clamp_min(1.0).log()


def _finite_log(count: torch.Tensor) -> torch.Tensor:
    """log of a count; for none a number whose exponential is 0, because -infinity has no second derivatives."""
    return count.log().clamp_min(-1000.0)


def _log_sum(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """log(exp x + exp y), whose second derivatives are finite where those of torch's logaddexp overflow."""
    return x + _log1p_exp(y - x)


def _log1p_exp(x: torch.Tensor) -> torch.Tensor:
    """log(1 + exp x), which torch's softplus rounds above its threshold."""
    return -torch.nn.functional.logsigmoid(-x)
