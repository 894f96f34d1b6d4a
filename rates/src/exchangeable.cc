#include <nuphi/rates/symmetry.h>

#include <algorithm>
#include <optional>

#include "quotient.h"

namespace nuphi {
namespace {

using Image = std::vector<Eigen::Index>;
constexpr Eigen::Index kNowhere = -1;

class Automorphisms {
 public:
  explicit Automorphisms(const MeanField& field)
      : field_(field), matrices_(coupling_matrices(field.coupling)), n_(field.size()) {}

  [[nodiscard]] std::vector<Exchangeable> groups() const;

 private:
  [[nodiscard]] bool alike(Eigen::Index a, Eigen::Index b) const;
  [[nodiscard]] bool fits(const Image& image, Eigen::Index c, Eigen::Index d) const;
  [[nodiscard]] std::optional<Image> swapping(Eigen::Index a, Eigen::Index b) const;
  [[nodiscard]] Exchangeable group_of(Eigen::Index a, const std::vector<bool>& taken) const;

  const MeanField& field_;
  std::vector<Eigen::MatrixXd> matrices_;
  Eigen::Index n_;
};

// The same but for what the others do to them.
bool Automorphisms::alike(Eigen::Index a, Eigen::Index b) const {
  const auto i = static_cast<std::size_t>(a);
  const auto k = static_cast<std::size_t>(b);
  const auto& sources = field_.variance_sources;
  if (!is_same(field_.nodes[i], field_.nodes[k])) return false;
  if (!sources.empty() && sources[i] != sources[k]) return false;
  if (field_.external.row(a) != field_.external.row(b)) return false;
  return std::all_of(matrices_.begin(), matrices_.end(),
                     [&](const auto& m) { return m(a, a) == m(b, b) && m(a, b) == m(b, a); });
}

// c may take the place of d beside all that have a place already.
bool Automorphisms::fits(const Image& image, Eigen::Index c, Eigen::Index d) const {
  for (Eigen::Index x = 0; x < n_; ++x) {
    const Eigen::Index y = image[static_cast<std::size_t>(x)];
    if (y == kNowhere) continue;
    for (const Eigen::MatrixXd& m : matrices_) {
      if (m(x, c) != m(y, d) || m(c, x) != m(d, y)) return false;
    }
  }
  return true;
}

// Where everything goes when a and b change places, and with them as few others as possible.
std::optional<Image> Automorphisms::swapping(Eigen::Index a, Eigen::Index b) const {
  if (!alike(a, b)) return std::nullopt;
  Image image(static_cast<std::size_t>(n_), kNowhere);
  const auto place = [&](Eigen::Index c, Eigen::Index d) {
    image[static_cast<std::size_t>(c)] = d;
    image[static_cast<std::size_t>(d)] = c;
  };
  const auto is_free = [&](Eigen::Index c) {
    return image[static_cast<std::size_t>(c)] == kNowhere;
  };
  place(a, b);
  for (Eigen::Index c = 0; c < n_; ++c) {
    if (!is_free(c) || fits(image, c, c)) continue;
    Eigen::Index d = c + 1;
    while (d < n_ && !(is_free(d) && alike(c, d) && fits(image, c, d) && fits(image, d, c))) ++d;
    if (d >= n_) return std::nullopt;
    place(c, d);
    c = -1;  // those that fitted may do so no longer
  }
  for (Eigen::Index c = 0; c < n_; ++c) {
    if (is_free(c)) place(c, c);
  }
  return image;
}

// All that can take the place of a, each with those that move along with it.
Exchangeable Automorphisms::group_of(Eigen::Index a, const std::vector<bool>& taken) const {
  std::vector<Image> swaps;
  for (Eigen::Index b = a + 1; b < n_; ++b) {
    if (taken[static_cast<std::size_t>(b)]) continue;
    if (auto image = swapping(a, b)) swaps.push_back(std::move(*image));
  }
  if (swaps.empty()) return {};
  // What every swap moves belongs to the unit of a; of one swap alone, the first of every pair.
  std::vector<Eigen::Index> unit;
  for (Eigen::Index c = 0; c < n_; ++c) {
    const auto k = static_cast<std::size_t>(c);
    const bool moves =
        std::all_of(swaps.begin(), swaps.end(), [&](const Image& image) { return image[k] != c; });
    if (moves && (swaps.size() > 1 || swaps.front()[k] > c)) unit.push_back(c);
  }
  Exchangeable group{.units = {unit}};
  std::vector<bool> used = taken;
  for (const Eigen::Index c : unit) {
    if (used[static_cast<std::size_t>(c)]) return {};
    used[static_cast<std::size_t>(c)] = true;
  }
  for (const Image& image : swaps) {
    std::vector<Eigen::Index> other;
    for (const Eigen::Index c : unit) other.push_back(image[static_cast<std::size_t>(c)]);
    std::size_t moved = 0;
    for (std::size_t c = 0; c < image.size(); ++c)
      moved += image[c] != static_cast<Eigen::Index>(c) ? 1 : 0;
    const bool is_new = std::none_of(other.begin(), other.end(), [&](Eigen::Index c) {
      return used[static_cast<std::size_t>(c)];
    });
    if (!is_new || moved != 2 * unit.size()) continue;
    for (const Eigen::Index c : other) used[static_cast<std::size_t>(c)] = true;
    group.units.push_back(std::move(other));
  }
  return group.units.size() > 1 ? group : Exchangeable{};
}

std::vector<Exchangeable> Automorphisms::groups() const {
  std::vector<Exchangeable> found;
  std::vector<bool> taken(static_cast<std::size_t>(n_), false);
  for (Eigen::Index a = 0; a < n_; ++a) {
    if (taken[static_cast<std::size_t>(a)]) continue;
    Exchangeable group = group_of(a, taken);
    if (group.units.empty()) continue;
    for (const auto& unit : group.units) {
      for (const Eigen::Index c : unit) taken[static_cast<std::size_t>(c)] = true;
    }
    found.push_back(std::move(group));
  }
  return found;
}

}  // namespace

std::vector<Exchangeable> exchangeable_units(const MeanField& field) {
  return Automorphisms(field).groups();
}

}  // namespace nuphi
