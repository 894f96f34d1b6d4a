#include <nuphi/analysis/covariances.h>
#include <nuphi/analysis/stability.h>
#include <nuphi/models/yaml.h>
#include <nuphi/rates/stationary.h>

#include <cstdio>

// Eigen's own blocks of memory, and matrices that go to the library and come back.
bool matrices_cross() {
  const Eigen::Index n = 200;
  const Eigen::MatrixXd a = 0.01 * Eigen::MatrixXd::Random(n, n);
  const Eigen::VectorXd one = Eigen::VectorXd::Ones(n);
  nuphi::PairwiseCovariances found = nuphi::pairwise_covariances(a * a, one, one);
  found.covariances.conservativeResize(n + 50, n + 50);
  return found.covariances.topLeftCorner(n, n).allFinite();
}

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const nuphi::Network network = nuphi::load_network(argv[1]);
  const nuphi::StationaryResult result = nuphi::solve_stationary(network);
  if (!result.converged() || !matrices_cross()) return 4;
  for (Eigen::Index i = 0; i < result.state.rates.size(); ++i) {
    std::printf("%s %.15g Hz\n", network.populations[i].name.c_str(), result.state.rates[i]);
  }
  return nuphi::stability(network, result.state).stable == true ? 0 : 1;
}
