#include <nuphi/core/siegert.h>
#include <nuphi/core/units.h>

#include <cstdio>

// `using namespace nuphi` brings no names as short as V or s.
using namespace nuphi;
int V = 0, s = 0;

int main() {
  using namespace nuphi::units;
  std::printf("%.15g Hz\n", siegert(21 * mV, 7.7 * mV, LifParameters{}).rate);
  return ::V + ::s;
}
