#include "yaml_tree.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <istream>
#include <streambuf>

#include "faults.h"
#include "text_check.h"

namespace nuphi::loader {
namespace {

/// Stops the parse; the fault is in the list already.
struct Stop {};

/// Builds the tree from events. yaml-cpp announces each level before it recurses into it, so the
/// limit on depth holds before the stack is at risk.
class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(Source& source, Faults& faults) : source_(&source), faults_(&faults) {}

  [[nodiscard]] bool has_document() const { return documents_ > 0; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ == 1) return;
    fault("several-documents", mark, "a second document starts here; a model file holds one",
          "put each model into a file of its own");
    throw Stop{};
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    check_anchor(mark, anchor);
    add(YamlNode::Kind::kNull, mark);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    fault("alias", mark, "aliases are not allowed", kRepeat);
    add(YamlNode::Kind::kFaulty, mark);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    check_anchor(mark, anchor);
    check_tag(mark, tag);
    YamlNode& node = add(YamlNode::Kind::kScalar, mark);
    node.text = value;
    node.quoted = tag == "!";
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open(YamlNode::Kind::kSequence, mark, tag, anchor);
  }
  void OnSequenceEnd() override { open_.pop_back(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    open(YamlNode::Kind::kMap, mark, tag, anchor);
  }
  void OnMapEnd() override {
    check_duplicates(*open_.back().node);
    open_.pop_back();
  }

 private:
  static constexpr std::size_t kDeepest = 32;
  /// Two matrices of 1000 x 1000; a node takes some hundred bytes.
  static constexpr int kMostNodes = 1 << 21;
  static constexpr const char* kRepeat = "write the value out, or name it under `parameters`";

  void fault(const char* code, const YAML::Mark& mark, std::string message, std::string hint = {}) {
    faults_->add_at(code, mark.line + 1, mark.column + 1, "", std::move(message), std::move(hint));
  }
  void check_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != 0) fault("anchor", mark, "anchors are not allowed", kRepeat);
  }
  void check_tag(const YAML::Mark& mark, const std::string& tag) {
    if (tag.empty() || tag == "?" || tag == "!") return;
    fault("tag", mark, "the tag " + cited(tag) + " is not allowed", "leave it out");
  }

  void open(YamlNode::Kind kind, const YAML::Mark& mark, const std::string& tag,
            YAML::anchor_t anchor) {
    check_anchor(mark, anchor);
    check_tag(mark, tag);
    if (open_.size() >= kDeepest) {
      fault("too-deep", mark,
            "nested more than " + std::to_string(kDeepest) + " deep; a model needs 8");
      throw Stop{};
    }
    YamlNode& node = add(kind, mark);
    open_.push_back({&node, true});
  }

  /// A node grows only while it is the innermost open one: pointers to open nodes stay valid.
  YamlNode& add(YamlNode::Kind kind, const YAML::Mark& mark) {
    if (++nodes_ > kMostNodes) {
      fault("too-large", mark, "more than 2 million values in one file",
            "put large matrices into files: `{file: K.npy}`");
      throw Stop{};
    }
    YamlNode node;
    node.kind = kind;
    node.line = std::max(mark.line, 0) + 1;
    node.column = std::max(mark.column, 0) + 1;
    if (open_.empty()) return source_->root = std::move(node);
    Open& parent = open_.back();
    if (parent.node->kind == YamlNode::Kind::kSequence) {
      return parent.node->items.emplace_back(std::move(node));
    }
    parent.key_is_due = !parent.key_is_due;
    if (parent.key_is_due) {
      YamlEntry& entry = parent.node->entries.back();
      if (kind == YamlNode::Kind::kNull && node.line != entry.key.line) {
        node.line = entry.key.line;  // yaml-cpp places an absent value at the next key
        node.column = entry.key.column;
      }
      return entry.value = std::move(node);
    }
    if (kind != YamlNode::Kind::kScalar) {
      fault("bad-key", mark, "a key must be plain text");
      throw Stop{};
    }
    return parent.node->entries.emplace_back(YamlEntry{std::move(node), {}}).key;
  }

  void check_duplicates(const YamlNode& map) {
    std::vector<const YamlNode*> keys;
    for (const YamlEntry& entry : map.entries) {
      keys.push_back(&entry.key);
      if (entry.key.text == "<<" && !entry.key.quoted) {
        faults_->add("merge", entry.key, "merges (`<<`) are not allowed", kRepeat);
      }
    }
    std::stable_sort(keys.begin(), keys.end(),
                     [](const YamlNode* a, const YamlNode* b) { return a->text < b->text; });
    for (std::size_t i = 1; i < keys.size(); ++i) {
      if (keys[i]->text != keys[i - 1]->text) continue;
      faults_->add("duplicate-key", *keys[i],
                   "the key " + cited(keys[i]->text) +
                       " is here a second time; the first is in line " +
                       std::to_string(keys[i - 1]->line),
                   "keep one of them");
    }
  }

  struct Open {
    YamlNode* node;
    bool key_is_due;  ///< maps: the next node is a key
  };

  Source* source_;
  Faults* faults_;
  std::vector<Open> open_;
  int documents_ = 0;
  int nodes_ = 0;
};

/// Reads from memory that somebody else owns.
class TextBuffer : public std::streambuf {
 public:
  explicit TextBuffer(std::string_view text) {
    char* begin = const_cast<char*>(text.data());  // get area only: never written to
    setg(begin, begin, begin + text.size());
  }
};

}  // namespace

std::optional<std::string_view> Source::line(int number) const {
  Lines lines(text);
  std::optional<std::string_view> found = lines.next();
  while (found && lines.number() < number) found = lines.next();
  return number < 1 ? std::nullopt : found;
}

bool read_yaml(std::string_view text, Source& source, Faults& faults) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  source.text = text;
  if (!check_text(text, faults)) return false;
  const auto no_model = [&] {
    faults.add_at("empty-file", 1, 1, "", "the file holds no model",
                  "a model starts with `schema: nuphi/1`");
    return false;
  };
  // Parsing nothing takes long when there is much of it.
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return no_model();
  TextBuffer buffer(text);
  std::istream stream(&buffer);
  TreeBuilder builder(source, faults);
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
    if (builder.has_document()) return true;
    return no_model();
  } catch (const Stop&) {
  } catch (const YAML::Exception& e) {
    faults.add_at(
        "yaml-syntax", std::max(e.mark.line, 0) + 1, std::max(e.mark.column, 0) + 1, "",
        "not valid YAML: " + e.msg,
        e.msg == "illegal map value" ? "a text that holds `: ` must stand in quotes" : "");
  }
  return false;
}

}  // namespace nuphi::loader
