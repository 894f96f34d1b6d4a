#include "faults.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace nuphi::loader {
namespace {

constexpr std::size_t kMostFaults = 100;

/// Depth first; faults are few, so no node needs to carry its path.
bool find_path(const YamlNode& at, const YamlNode& node, std::string& path) {
  if (&at == &node) return true;
  const std::size_t length = path.size();
  for (std::size_t i = 0; i < at.items.size(); ++i) {
    path.append("[").append(std::to_string(i)).append("]");
    if (find_path(at.items[i], node, path)) return true;
    path.resize(length);
  }
  for (const YamlEntry& entry : at.entries) {
    path.append(path.empty() ? "" : ".").append(entry.key.text);
    if (&entry.key == &node || find_path(entry.value, node, path)) return true;
    path.resize(length);
  }
  return false;
}

/// The part of a line that is worth showing; the column stays valid.
std::string shown(std::string_view line, int column) {
  constexpr std::size_t kFarthest = 400;
  constexpr std::size_t kAfterCaret = 80;
  const auto start = static_cast<std::size_t>(std::max(column, 1));
  if (start > kFarthest) return {};
  std::string text(line.substr(0, start + kAfterCaret));
  while (!text.empty() && text.size() < line.size() && (line[text.size()] & 0xC0) == 0x80) {
    text.pop_back();  // not through the middle of a UTF-8 character
  }
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 && c != '\t') c = '?';
  }
  return text;
}

}  // namespace

std::string path_of(const YamlNode& root, const YamlNode& node) {
  std::string path;
  return find_path(root, node, path) ? path : std::string();
}

std::string cited(std::string_view text) {
  constexpr std::size_t kLongest = 60;
  std::string short_text(text.substr(0, kLongest));
  while (short_text.size() < text.size() && !short_text.empty() &&
         (text[short_text.size()] & 0xC0) == 0x80) {
    short_text.pop_back();
  }
  for (char& c : short_text) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  return "`" + short_text + (short_text.size() < text.size() ? "…`" : "`");
}

void Faults::add(std::string code, const YamlNode& node, std::string message, std::string hint,
                 int offset) {
  if (full_) return;
  int column = node.column + offset + (offset > 0 && node.quoted ? 1 : 0);
  const std::optional<std::string_view> line = source_->line(node.line);
  if (line && column > static_cast<int>(line->size())) {
    column = node.column;  // a text over several lines: point at its start
  }
  add_at(std::move(code), node.line, column, path_of(source_->root, node), std::move(message),
         std::move(hint));
}

void Faults::add_once(std::string code, const YamlNode& node, std::string message,
                      std::string hint) {
  if (full_ || !reported_.emplace(code, &node).second) return;
  add(std::move(code), node, std::move(message), std::move(hint));
}

void Faults::add_at(std::string code, int line, int column, std::string path, std::string message,
                    std::string hint) {
  Diagnostic d;
  d.code = std::move(code);
  d.path = std::move(path);
  d.file = source_->file;
  d.line = line;
  d.column = column;
  d.message = std::move(message);
  d.hint = std::move(hint);
  if (const std::optional<std::string_view> text = source_->line(line))
    d.source = shown(*text, column);
  keep(std::move(d));
}

void Faults::add_outside(std::string code, std::string path, std::string message,
                         std::string hint) {
  Diagnostic d;
  d.code = std::move(code);
  d.path = std::move(path);
  d.message = std::move(message);
  d.hint = std::move(hint);
  keep(std::move(d));
}

void Faults::keep(Diagnostic diagnostic) {
  if (full_) return;
  for (const Diagnostic& d : list_) {
    if (d.line == diagnostic.line && d.column == diagnostic.column && d.code == diagnostic.code &&
        d.message == diagnostic.message && d.path == diagnostic.path) {
      return;  // a key may be looked at twice
    }
  }
  list_.push_back(std::move(diagnostic));
  if (list_.size() < kMostFaults) return;
  full_ = true;
  list_.back().message += "; further faults are not listed";
}

std::vector<Diagnostic> Faults::sorted() const {
  std::vector<Diagnostic> list = list_;
  std::stable_sort(list.begin(), list.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return std::tie(a.line, a.column) < std::tie(b.line, b.column);
  });
  return list;
}

}  // namespace nuphi::loader
