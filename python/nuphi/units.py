"""Units as factors to SI: ``20 * ms`` is 0.02. Every number inside nuphi is in SI."""

s: float = 1.0
ms: float = 1e-3
us: float = 1e-6
V: float = 1.0
mV: float = 1e-3
uV: float = 1e-6
A: float = 1.0
nA: float = 1e-9
pA: float = 1e-12
F: float = 1.0
nF: float = 1e-9
pF: float = 1e-12
Hz: float = 1.0
kHz: float = 1e3
