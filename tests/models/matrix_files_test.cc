#include <gtest/gtest.h>
#include <nuphi/core/siegert.h>
#include <nuphi/models/mean_field.h>
#include <nuphi/models/yaml.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "models/support.h"

namespace nuphi {
namespace {

namespace fs = std::filesystem;
using test::codes_of;
using test::data_path;

TEST(MatrixFiles, TheMicrocircuitsInputsAreTheReferences) {
  const Network network = load_network(data_path("microcircuit_files/microcircuit.yaml"));
  const MeanField field = mean_field(network);
  const auto& coupling = field.coupling;

  std::ifstream table(data_path("microcircuit_files/rates_and_inputs.csv"));
  std::string line;
  std::getline(table, line);
  std::getline(table, line);
  Eigen::VectorXd rate(8);
  Eigen::VectorXd mean(8);
  Eigen::VectorXd sd(8);
  for (int i = 0; i < 8; ++i) {
    ASSERT_TRUE(std::getline(table, line));
    std::istringstream cells(line);
    std::string cell;
    std::getline(cells, cell, ',');
    EXPECT_EQ(cell, field.names[i]);
    for (Eigen::VectorXd* column : {&rate, &mean, &sd}) {
      std::getline(cells, cell, ',');
      (*column)[i] = std::strtod(cell.c_str(), nullptr);
    }
  }
  const Eigen::VectorXd mu = coupling.dense(0) * rate + field.external_mean();
  const Eigen::VectorXd variance = coupling.dense(1) * rate + field.external_variance();
  for (int i = 0; i < 8; ++i) {
    EXPECT_NEAR(mu[i], mean[i], 1e-14 * field.external_mean()[i]);
    EXPECT_NEAR(std::sqrt(variance[i]), sd[i], 1e-14 * sd[i]);
  }
}

TEST(MatrixFiles, TheMicrocircuitsMatricesAreFoundBack) {
  const Network network = load_network(data_path("microcircuit_files/microcircuit.yaml"));
  ASSERT_EQ(network.projections.size(), 55U);  // 64 pairs, 9 without synapses
  const Projection& first = network.projections[0];
  EXPECT_EQ(first.indegree, 2199.86486);
  EXPECT_EQ(first.weight, 0.5e-3 * 87.8e-12 / 250e-12);
  EXPECT_EQ(first.delay->mean, 1.5e-3);
  EXPECT_EQ(first.delay->sd, 0.75e-3);
  const Projection& doubled = network.projections[2];
  EXPECT_EQ(doubled.source, 2);
  EXPECT_EQ(doubled.weight, 0.5e-3 * 175.6e-12 / 250e-12);
}

/// Folder with files of a test, removed at its end.
class MatrixFormats : public testing::Test {
 protected:
  void SetUp() override {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::temp_directory_path() / ("nuphi_matrix_" + std::string(info->name()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  void write(const std::string& name, const std::string& content) const {
    std::ofstream(folder_ / name, std::ios::binary) << content;
  }
  ModelFile parse(const std::string& file) const {
    test::Sections sections;
    sections.populations = "populations: [{name: A}, {name: B}]\n";
    sections.connections =
        "connections: [{matrix: {indegree: {file: " + file + "}}, weight: 1 mV}]\n";
    return ModelFile::parse(test::model_text(sections), "m.yaml", folder_);
  }
  /// In-degrees by rows, zeros where there is no projection.
  std::vector<double> indegrees(const std::string& file) const {
    std::vector<double> matrix(4, 0.0);
    for (const Projection& p : parse(file).resolve().network.projections) {
      matrix[2 * p.target + p.source] = p.indegree;
    }
    return matrix;
  }
  std::vector<std::string> codes(const std::string& file) const {
    return codes_of([&] { (void)parse(file); });
  }

  template <class T>
  static std::string npy(const std::string& descr, const std::vector<T>& items,
                         bool fortran = false, int version = 1,
                         const std::string& shape = "(2, 2)") {
    const std::string header = "{'descr': '" + descr +
                               "', 'fortran_order': " + (fortran ? "True" : "False") +
                               ", 'shape': " + shape + ", }\n";
    std::string text = "\x93NUMPY";
    text += static_cast<char>(version);
    text += '\0';
    const auto length = static_cast<std::uint32_t>(header.size());
    for (int i = 0; i < (version == 1 ? 2 : 4); ++i)
      text += static_cast<char>((length >> (8 * i)) & 0xFFU);
    text += header;
    const std::size_t start = text.size();
    text.resize(start + items.size() * sizeof(T));
    std::memcpy(text.data() + start, items.data(), items.size() * sizeof(T));
    return text;
  }

  fs::path folder_;
};

using Numbers = std::vector<double>;
using Codes = std::vector<std::string>;

TEST_F(MatrixFormats, CsvWithEitherLineEnd) {
  write("unix.csv", "1.5, 2\n3,4e0\n");
  write("windows.csv",
        "\xEF\xBB\xBF"
        "1.5,2\r\n3,4\r\n\r\n");
  write("no_last_end.csv", "1.5,2\n3,4");
  for (const char* file : {"unix.csv", "windows.csv", "no_last_end.csv"}) {
    EXPECT_EQ(indegrees(file), (Numbers{1.5, 2, 3, 4})) << file;
  }
}

TEST_F(MatrixFormats, NpyOfEveryItemTypeAndOrder) {
  write("f8.npy", npy<double>("<f8", {1.5, 2, 3, 4}));
  write("f8_v2.npy", npy<double>("<f8", {1.5, 2, 3, 4}, false, 2));
  write("f8_fortran.npy", npy<double>("<f8", {1.5, 3, 2, 4}, true));
  write("f4.npy", npy<float>("<f4", {1.5, 2, 3, 4}));
  for (const char* file : {"f8.npy", "f8_v2.npy", "f8_fortran.npy", "f4.npy"}) {
    EXPECT_EQ(indegrees(file), (Numbers{1.5, 2, 3, 4})) << file;
  }
  write("i8.npy", npy<std::int64_t>("<i8", {1, 2, 3, 4}));
  write("i4.npy", npy<std::int32_t>("<i4", {1, 2, 3, 4}));
  write("u2.npy", npy<std::uint16_t>("<u2", {1, 2, 3, 4}));
  for (const char* file : {"i8.npy", "i4.npy", "u2.npy"}) {
    EXPECT_EQ(indegrees(file), (Numbers{1, 2, 3, 4})) << file;
  }
}

TEST_F(MatrixFormats, NpyThatCannotBeReadIsReported) {
  const double nan = std::nan("");
  write("big_endian.npy", npy<double>(">f8", {1, 2, 3, 4}));
  write("complex.npy", npy<double>("<c16", {1, 0, 2, 0, 3, 0, 4, 0}));
  write("object.npy", npy<double>("|O", {1, 2, 3, 4}));
  write("truncated.npy", npy<double>("<f8", {1, 2, 3}));
  write("longer.npy", npy<double>("<f8", {1, 2, 3, 4, 5}));
  write("nan.npy", npy<double>("<f8", {1, nan, 3, 4}));
  write("huge.npy", npy<double>("<f8", {1, 2, 3, 4}, false, 1, "(99999999, 99999999)"));
  write("cube.npy", npy<double>("<f8", {1, 2, 3, 4}, false, 1, "(1, 2, 2)"));
  write("scalar.npy", npy<double>("<f8", {1}, false, 1, "()"));
  write("version.npy", npy<double>("<f8", {1, 2, 3, 4}, false, 9));
  write("empty.npy", "");
  for (const char* file :
       {"big_endian.npy", "complex.npy", "object.npy", "truncated.npy", "longer.npy", "nan.npy",
        "huge.npy", "cube.npy", "scalar.npy", "version.npy", "empty.npy"}) {
    EXPECT_EQ(codes(file), Codes{"bad-matrix"}) << file;
  }
  write("row.npy", npy<double>("<f8", {1, 2}, false, 1, "(2,)"));
  EXPECT_EQ(codes("row.npy"), Codes{"wrong-size"});
}

TEST_F(MatrixFormats, MatrixMarketOfEveryKind) {
  write(
      "coordinate.mtx",
      "%%MatrixMarket matrix coordinate real general\n% a comment\n2 2 3\n2 1 3\n1 1 1.5\n2 2 4\n");
  EXPECT_EQ(indegrees("coordinate.mtx"), (Numbers{1.5, 0, 3, 4}));
  write("symmetric.mtx",
        "%%MatrixMarket matrix coordinate integer symmetric\n2 2 2\n2 1 3\n2 2 4\n");
  EXPECT_EQ(indegrees("symmetric.mtx"), (Numbers{0, 3, 3, 4}));
  write("array.mtx", "%%MatrixMarket matrix array real general\r\n2 2\r\n1.5\r\n3\r\n2\r\n4\r\n");
  EXPECT_EQ(indegrees("array.mtx"), (Numbers{1.5, 2, 3, 4}));
  write("symmetric_array.mtx", "%%MatrixMarket matrix array real symmetric\n2 2\n1\n3\n4\n");
  EXPECT_EQ(indegrees("symmetric_array.mtx"), (Numbers{1, 3, 3, 4}));
}

TEST_F(MatrixFormats, MatrixMarketThatCannotBeReadIsReported) {
  const std::string head = "%%MatrixMarket matrix coordinate real general\n";
  write("0.mtx", "");
  write("1.mtx", "1 2 3\n");
  write("2.mtx", head);
  write("3.mtx", head + "2 2 1\n");
  write("4.mtx", head + "2 2 1\n3 1 1\n");
  write("5.mtx", head + "2 2 1\n0 1 1\n");
  write("6.mtx", head + "2 2 1\n1 1 x\n");
  write("7.mtx", head + "2 2 2\n1 1 1\n1 1 1\n");
  write("8.mtx", head + "2 2 1\n1 1 1\n2 2 1\n");
  write("9.mtx", "%%MatrixMarket matrix coordinate pattern general\n2 2 1\n1 1\n");
  write("10.mtx", "%%MatrixMarket matrix array real general\n30000 30000\n1\n");
  write("11.mtx", "%%MatrixMarket matrix coordinate real symmetric\n2 3 0\n");
  for (int i = 0; i < 12; ++i) {
    const std::string file = std::to_string(i) + ".mtx";
    EXPECT_EQ(codes(file), Codes{"bad-matrix"}) << file;
  }
}

TEST_F(MatrixFormats, SparseMatricesGiveSparseProjections) {
  write("w.mtx", "%%MatrixMarket matrix coordinate real general\n2 2 1\n2 1 300\n");
  write("k.mtx", "%%MatrixMarket matrix coordinate real general\n2 2 1\n2 1 7\n");
  test::Sections sections;
  sections.populations = "populations: [{name: A}, {name: B}]\n";
  sections.connections =
      "connections: [{matrix: {indegree: {file: k.mtx}}, weight: {file: w.mtx, unit: uV}}]\n";
  const Network network =
      ModelFile::parse(test::model_text(sections), "m.yaml", folder_).resolve().network;
  ASSERT_EQ(network.projections.size(), 1U);
  EXPECT_EQ(network.projections[0].target, 1);
  EXPECT_EQ(network.projections[0].source, 0);
  EXPECT_EQ(network.projections[0].indegree, 7);
  EXPECT_EQ(network.projections[0].weight, 300e-6);
}

TEST_F(MatrixFormats, ExceptionsAddToSparseMatrices) {
  write("k.mtx", "%%MatrixMarket matrix coordinate real general\n2 2 2\n2 1 7\n1 2 3\n");
  test::Sections sections;
  sections.populations = "populations: [{name: A}, {name: B}]\n";
  sections.connections =
      "connections: [{matrix: {indegree: {file: k.mtx}}, weight: 1 mV, except: ["
      "{from: A, to: A, indegree: 5}, {from: B, to: A, indegree: 0}, {from: B, to: B, weight: 2 "
      "mV}]}]\n";
  const Network network =
      ModelFile::parse(test::model_text(sections), "m.yaml", folder_).resolve().network;
  ASSERT_EQ(network.projections.size(), 2U);
  EXPECT_EQ(network.projections[0].indegree, 5);
  EXPECT_EQ(network.projections[1].indegree, 7);
}

TEST_F(MatrixFormats, ValuesPerTargetMayComeFromAFile) {
  write("row.csv", "3,4\n");
  write("column.csv", "3\n4\n");
  for (const char* file : {"row.csv", "column.csv"}) {
    test::Sections sections;
    sections.inputs =
        "inputs: [{to: all, dc: {drive: {file: " + std::string(file) + ", unit: mV}}}]\n";
    const Network network =
        ModelFile::parse(test::model_text(sections), "m.yaml", folder_).resolve().network;
    EXPECT_EQ(std::get<DcInput>(network.inputs[1].source).drive, 4e-3) << file;
  }
}

TEST_F(MatrixFormats, FilesAreReadOnceAtParsing) {
  write("k.csv", "1,2\n3,4\n");
  const ModelFile file = parse("k.csv");
  fs::remove(folder_ / "k.csv");
  EXPECT_EQ(file.resolve().network.projections.size(), 4U);
}

TEST_F(MatrixFormats, PathsAreRelativeToTheModelFile) {
  write("k.csv", "1,2\n3,4\n");
  test::Sections sections;
  sections.populations = "populations: [{name: A}, {name: B}]\n";
  sections.connections = "connections: [{matrix: {indegree: {file: k.csv}}, weight: 1 mV}]\n";
  write("model.yaml", test::model_text(sections));
  EXPECT_EQ(load_network(folder_ / "model.yaml").projections.size(), 4U);
}

}  // namespace
}  // namespace nuphi
