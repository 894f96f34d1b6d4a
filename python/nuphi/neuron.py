"""The LIF neuron as a function: stationary rate, its inverse, dynamic response."""

from __future__ import annotations

from typing import Any, NamedTuple, Union

import numpy as np

from . import _core
from .quantities import Number, in_si
from .result import Array, ComplexArray

_CORRECTIONS: dict[str, _core.Correction] = dict(_core.Correction.__members__)


def correction_named(name: str) -> _core.Correction:
    """The colour correction called `name`."""
    try:
        return _CORRECTIONS[name]
    except KeyError:
        raise ValueError(f"correction: {name!r} is none of {', '.join(_CORRECTIONS)}") from None


def refractoriness_named(name: str) -> _core.Refractoriness:
    """How the refractory time enters the response: "exact" or "rate_only"."""
    known = _core.Refractoriness.__members__
    if name not in known:
        raise ValueError(f"refractoriness: {name!r} is none of {', '.join(known)}")
    return known[name]


def colour_response_named(name: str) -> _core.ColourResponse:
    """How shifted boundaries follow a modulated variance: "moving" or "quasi_static"; "exact": there are none."""
    known = _core.ColourResponse.__members__
    if name not in known:
        raise ValueError(f"colour_response: {name!r} is none of {', '.join(known)}")
    return known[name]


def siegert(
    mu: Number,
    sigma: Number,
    *,
    tau_m: Number = 20e-3,
    t_ref: Number = 2e-3,
    V_th: Number = 20e-3,
    V_reset: Number = 10e-3,
    tau_syn: Number = 0.0,
    correction: str = "shift",
    gradient: bool = False,
    second: bool = False,
    log: bool = False,
    cv: bool = False,
) -> Any:
    r"""Stationary firing rate of a LIF neuron driven by Gaussian noise (Siegert 1951; Brunel 2000).

    .. math::

        \nu^{-1} = t_\mathrm{ref} + \tau_m \sqrt{\pi} \int_{y_r}^{y_t} e^{s^2} (1 + \mathrm{erf}\, s)\, ds,
        \qquad y = (V - \mu)/\sigma + c

    with :math:`\tau_m dV = -(V - \mu)\,dt + \sigma\sqrt{\tau_m}\,dW`; c is the colour shift of
    `correction` (0 where `tau_syn` is 0).

    Parameters
    ----------
    mu, sigma : float or array
        Mean and noise amplitude of the input relative to E_L [V]; sigma >= 0, 0 is the noiseless limit.
        Brian2 writes its noise as ``sigma_b * sqrt(2/tau) * xi``: sigma here is ``sqrt(2) * sigma_b``.
    tau_m, t_ref, V_th, V_reset, tau_syn : float or array
        Neuron parameters [s, s, V, V, s], voltages relative to E_L. All arguments broadcast.
    correction : str
        Of coloured noise: ``none``, ``shift``, ``taylor``, ``shift_refractory``, ``adiabatic``, ``uniform`` or ``exact``.
    gradient, second, log, cv : bool
        Also the first derivatives, the second ones, ln(rate) (and its gradient), the CV of the
        inter-spike intervals.

    Returns
    -------
    named tuple
        ``rate`` [Hz] and what was asked for, in the order ``rate, log_rate, drate_dmu, drate_dsigma,
        dlog_rate_dmu, dlog_rate_dsigma, d2rate_dmu2, d2rate_dmudsigma, d2rate_dsigma2, cv``; floats for
        numbers, arrays of the broadcast shape otherwise. NaN outside the domain, for that entry alone.

    Examples
    --------
    >>> import nuphi
    >>> from nuphi.units import mV, ms
    >>> nuphi.siegert(21*mV, 7.7*mV, tau_m=20*ms).rate
    37.9017...
    >>> rate, slope_mu, slope_sigma = nuphi.siegert([15*mV, 25*mV], 5*mV, gradient=True)
    >>> rate.shape
    (2,)
    """
    return _core.siegert(
        mu, sigma, tau_m, t_ref, V_th, V_reset, tau_syn, _CORRECTIONS.get(correction) or correction_named(correction),
        gradient, second, log, cv,
    )


def siegert_inverse(
    rate: Number,
    sigma: Number,
    *,
    tau_m: Number = 20e-3,
    t_ref: Number = 2e-3,
    V_th: Number = 20e-3,
    V_reset: Number = 10e-3,
    tau_syn: Number = 0.0,
    correction: str = "shift",
) -> Union[float, Array]:
    """Mean input mu [V] at which the neuron fires at `rate` [Hz]: ``siegert(mu, sigma).rate == rate``.

    Parameters and conventions as :func:`siegert`; all arguments broadcast. NaN where
    ``0 < rate < 1/t_ref`` does not hold.

    Examples
    --------
    >>> import nuphi
    >>> mu = nuphi.siegert_inverse(10.0, 5e-3)
    >>> nuphi.siegert(mu, 5e-3).rate
    10.0...
    """
    result: Union[float, Array] = _core.siegert_inverse(
        rate, sigma, tau_m, t_ref, V_th, V_reset, tau_syn, correction_named(correction)
    )
    return result


class Response(NamedTuple):
    """Linear response of one neuron at complex frequencies z: arrays of the shape of `z`."""

    mu: ComplexArray  #: d rate / d mu(z) [Hz/V]
    variance: ComplexArray  #: d rate / d sigma^2(z) [Hz/V^2]
    isi_transform: ComplexArray  #: E[exp(-zT)] of the inter-spike interval T
    spectrum: Array  #: S/rate of the spike train at Im z


def response(
    frequencies: Number = None,
    *,
    mu: Number,
    sigma: Number,
    z: Any = None,
    tau_m: Number = 20e-3,
    t_ref: Number = 2e-3,
    V_th: Number = 20e-3,
    V_reset: Number = 10e-3,
    tau_syn: Number = 0.0,
    correction: str = "shift",
    refractoriness: str = "exact",
    colour_response: str = "moving",
) -> Response:
    """Dynamic response of a LIF neuron about a working point, with exact refractoriness.

    Time convention e^{zt}; give `frequencies` f [Hz] (z = 2 pi i f) or complex `z` [1/s]. z = 0 gives
    the derivatives of :func:`siegert`. Brunel et al. 2001; Lindner & Schimansky-Geier 2001; without
    synaptic filter. `colour_response`: the boundaries that colour shifts move with sigma ("moving") or
    are shifted as if it were constant ("quasi_static"). ``correction="exact"`` is solved for each frequency
    (some 10 ms), nothing shifted; NaN off the imaginary axis.

    Examples
    --------
    >>> import nuphi
    >>> nuphi.response([0.0, 100.0], mu=20e-3, sigma=5e-3).mu.shape
    (2,)
    """
    if (frequencies is None) == (z is None):
        raise TypeError("response() takes either frequencies or z")
    points = np.asarray(z, dtype=complex) if z is not None else 2j * np.pi * np.asarray(in_si(frequencies, "Hz"))
    volts, seconds = ([float(in_si(value, unit)) for value in values]
                      for values, unit in (((mu, sigma, V_th, V_reset), "V"), ((tau_m, t_ref, tau_syn), "s")))
    return Response(*_core.response(volts[0], volts[1], seconds[0], seconds[1], volts[2], volts[3], seconds[2], points,
                                    correction_named(correction), refractoriness_named(refractoriness),
                                    colour_response_named(colour_response)))
