#include <nuphi/analysis/stability.h>
#include <nuphi/models/yaml.h>
#include <nuphi/solver/stationary.h>

#include <cstdio>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const nuphi::Network network = nuphi::load_network(argv[1]);
  const nuphi::StationaryResult result = nuphi::solve_stationary(network);
  if (!result.converged()) return 4;
  for (Eigen::Index i = 0; i < result.state.rates.size(); ++i) {
    std::printf("%s %.15g Hz\n", network.populations[i].name.c_str(), result.state.rates[i]);
  }
  return nuphi::stability(network, result.state).stable == true ? 0 : 1;
}
