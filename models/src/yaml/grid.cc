#include <algorithm>

#include "matrix_file.h"
#include "reader.h"

namespace nuphi::loader {
namespace {

std::string counted(int count, std::string_view what) {
  return std::to_string(count) + " " + std::string(what) + (count == 1 ? "" : "s");
}

/// Reads one grid; members are what every step needs.
class GridReader {
 public:
  GridReader(Reader& reader, const GridRules& rules) : reader_(&reader), rules_(rules) {}

  Grid read(const YamlNode& node) {
    grid_.node = &node;
    switch (node.kind) {
      case YamlNode::Kind::kScalar:
        grid_.shape = Grid::Shape::kOne;
        grid_.values = {reader_->quantity(node, rules_.due, rules_.help)};
        break;
      case YamlNode::Kind::kSequence:
        array(node, std::nullopt);
        break;
      case YamlNode::Kind::kMap:
        map(node);
        break;
      default:
        grid_.faulty = true;
    }
    return std::move(grid_);
  }

 private:
  void fault(std::string code, const YamlNode& node, std::string message, std::string hint = {}) {
    reader_->fault(std::move(code), node, std::move(message), std::move(hint));
    grid_.faulty = true;
  }

  Value element(const YamlNode& node, const std::optional<Unit>& unit) {
    return unit ? reader_->number(node, *unit) : reader_->quantity(node, rules_.due, rules_.help);
  }

  void map(const YamlNode& node) {
    if (node.find("excitatory") != nullptr || node.find("inhibitory") != nullptr) {
      by_kind(node);
      return;
    }
    const MapView view(*reader_, node, "array");
    const YamlNode* val = view.find("val");
    const YamlNode* file = view.find("file");
    const Unit unit = unit_of(view);
    if ((node.find("val") == nullptr) == (node.find("file") == nullptr)) {
      fault("missing-key", node, "exactly one of `val` and `file` is due");
    } else if (val == nullptr && file == nullptr) {
      grid_.faulty = true;
    } else if (file != nullptr) {
      from_file(*file, unit);
    } else if (val->kind == YamlNode::Kind::kScalar) {
      grid_.shape = Grid::Shape::kOne;
      grid_.values = {element(*val, unit)};
    } else {
      array(*val, unit);
    }
  }

  void by_kind(const YamlNode& node) {
    if (!rules_.by_kind) {
      fault("wrong-type", node, "values by kind are for connections, where a source has a kind");
      return;
    }
    const MapView view(*reader_, node, "by kind");
    grid_.shape = Grid::Shape::kByKind;
    grid_.values.resize(2);
    const YamlNode* ex = view.get("excitatory");
    const YamlNode* in = view.get("inhibitory");
    if (ex == nullptr || in == nullptr) {
      grid_.faulty = true;
      return;
    }
    grid_.values = {reader_->quantity(*ex, rules_.due, rules_.help),
                    reader_->quantity(*in, rules_.due, rules_.help)};
  }

  /// A faulty unit is reported, and stands for one of the right dimension.
  Unit unit_of(const MapView& view) {
    const YamlNode* node = view.find("unit");
    if (node == nullptr) {
      if (rules_.due == kDimensionless) return Unit{};
      if (reader_->nest) return *parse_unit(nest_unit(rules_.due));
      const std::string units(usual_units(rules_.due));
      fault("missing-unit", view.node(),
            "no `unit`; " + spoken(rules_.due) + " (" + units + ") is due");
      return {rules_.due, 0};
    }
    if (const std::optional<Unit> unit = parse_unit(node->text); !unit) {
      fault("unknown-unit", *node, cited(node->text) + " is not a unit");
    } else if (!(unit->dimension == rules_.due)) {
      fault("wrong-unit", *node,
            cited(node->text) + " is " + spoken(unit->dimension) + "; " + spoken(rules_.due) +
                " is due",
            std::string(rules_.help));
    } else {
      return *unit;
    }
    return {rules_.due, 0};
  }

  void array(const YamlNode& node, const std::optional<Unit>& unit) {
    if (node.kind != YamlNode::Kind::kSequence) {
      fault("wrong-type", node, "a list is due");
      return;
    }
    const bool rows = !node.items.empty() && node.items[0].kind == YamlNode::Kind::kSequence;
    if (rows) {
      matrix(node, unit);
    } else {
      list(node, unit);
    }
  }

  void list(const YamlNode& node, const std::optional<Unit>& unit) {
    if (rules_.columns > 0) {
      fault("wrong-type", node,
            rules_.matrix ? "a list of rows is due"
                          : "one value is due here; a matrix needs `matrix:`");
      return;
    }
    grid_.shape = Grid::Shape::kList;
    for (const YamlNode& item : node.items) grid_.values.push_back(element(item, unit));
    if (static_cast<int>(node.items.size()) == rules_.rows) return;
    fault("wrong-size", node,
          "the list has " + counted(static_cast<int>(node.items.size()), "value") + " for " +
              counted(rules_.rows, "population"));
  }

  void matrix(const YamlNode& node, const std::optional<Unit>& unit) {
    if (!rules_.matrix) {
      fault("wrong-type", node, "a matrix is not allowed here",
            rules_.columns > 0 ? "matrices stand in or beside `matrix:`" : "");
      return;
    }
    grid_.shape = Grid::Shape::kMatrix;
    grid_.columns = rules_.columns;
    for (const YamlNode& row : node.items) {
      if (row.kind != YamlNode::Kind::kSequence) {
        fault("wrong-type", row, "a row of the matrix is due");
        continue;
      }
      for (const YamlNode& item : row.items) grid_.values.push_back(element(item, unit));
      if (static_cast<int>(row.items.size()) == rules_.columns) continue;
      fault("wrong-size", row,
            "this row has " + counted(static_cast<int>(row.items.size()), "value") + " for " +
                counted(rules_.columns, "source population"));
    }
    if (static_cast<int>(node.items.size()) == rules_.rows) return;
    fault("wrong-size", node,
          "the matrix has " + counted(static_cast<int>(node.items.size()), "row") + " for " +
              counted(rules_.rows, "target population"));
  }

  void from_file(const YamlNode& file, const Unit& unit) {
    if (file.kind != YamlNode::Kind::kScalar || file.text.empty()) {
      fault("wrong-type", file, "the name of a file is due");
      return;
    }
    if (rules_.columns > 0 && !rules_.matrix) {
      fault("wrong-type", file, "a matrix is not allowed here",
            "matrices stand in or beside `matrix:`");
      return;
    }
    reader_->plan.matrix_files.push_back(reader_->directory / file.text);
    const Outcome<FileMatrix> read = read_matrix_file(reader_->directory, file.text, unit.exponent);
    if (!read.value) {
      fault(read.fault.code, file, read.fault.message, read.fault.hint);
      return;
    }
    take(*read.value, file);
  }

  void take(const FileMatrix& matrix, const YamlNode& file) {
    const bool list = rules_.columns == 0;
    const bool fits = list ? std::max(matrix.rows, matrix.columns) == rules_.rows &&
                                 std::min(matrix.rows, matrix.columns) == 1
                           : matrix.rows == rules_.rows && matrix.columns == rules_.columns;
    if (!fits) {
      const std::string due =
          list ? counted(rules_.rows, "value")
               : std::to_string(rules_.rows) + " x " + std::to_string(rules_.columns);
      fault("wrong-size", file,
            cited(file.text) + " holds " + std::to_string(matrix.rows) + " x " +
                std::to_string(matrix.columns) + " numbers; " + due + " are due, one a population");
      return;
    }
    grid_.columns = matrix.columns;
    if (matrix.sparse && !list) {
      grid_.shape = Grid::Shape::kSparse;
      for (const FileMatrix::Entry& e : matrix.entries) {
        grid_.entries.push_back({e.row, e.column, {.node = &file, .number = e.value}});
      }
      return;
    }
    grid_.shape = list ? Grid::Shape::kList : Grid::Shape::kMatrix;
    for (const double value : matrix.dense()) {
      grid_.values.push_back({.node = &file, .number = value});
    }
  }

  Reader* reader_;
  GridRules rules_;
  Grid grid_;
};

}  // namespace

Grid read_grid(Reader& reader, const YamlNode& node, const GridRules& rules) {
  return GridReader(reader, rules).read(node);
}

}  // namespace nuphi::loader
