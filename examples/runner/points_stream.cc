#include "points_stream.h"

#include <fmt/format.h>
#include <tbb/info.h>
#include <tbb/parallel_pipeline.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

#include "commands.h"
#include "files.h"
#include "logging.h"
#include "progress.h"

namespace nuphi::runner {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{1} << 18;
constexpr std::size_t kLongestLine = std::size_t{1} << 24;
constexpr std::size_t kFaultsShown = 10;

/// A text file in pieces of whole lines.
class LineSource {
 public:
  explicit LineSource(const std::string& path) : path_(path) {
    if (path == "-") {
      file_.reset(stdin);
      return;
    }
    std::error_code error;
    if (std::filesystem::is_directory(path, error))
      throw FileError(fmt::format("cannot read \"{}\": it is a folder", path));
    file_.reset(std::fopen(path.c_str(), "rb"));
    if (!file_) throw FileError(fmt::format("cannot read \"{}\": {}", path, std::strerror(errno)));
    const std::uintmax_t size = std::filesystem::file_size(path, error);
    if (!error) size_ = static_cast<double>(size);
  }

  struct Piece {
    std::string text;
    int first_line = 1;
  };

  /// @param bytes  about so many; at least a line
  /// @return nothing at the end. @throws FileError, ModelError for a line that is too long
  std::optional<Piece> next(std::size_t bytes) {
    std::string text = std::move(rest_);
    rest_.clear();
    std::size_t searched = 0;
    while (!at_end_) {
      append(text, bytes);
      const std::size_t end = text.rfind('\n');
      if (end != std::string::npos && end >= searched) {
        rest_ = text.substr(end + 1);
        text.resize(end + 1);
        break;
      }
      searched = text.size();
      if (text.size() > kLongestLine) {
        fail_at(name(), line_, 1, "", "long-line",
                fmt::format("a line of more than {} MiB", kLongestLine >> 20U),
                "a table of points has one row a line");
      }
    }
    if (text.empty()) return std::nullopt;
    Piece piece{std::move(text), line_};
    line_ += static_cast<int>(std::count(piece.text.begin(), piece.text.end(), '\n'));
    read_ += static_cast<double>(piece.text.size());
    return piece;
  }

  /// Puts lines back, to be read again.
  void put_back(Piece piece) {
    rest_.insert(0, piece.text);
    line_ = piece.first_line;
    read_ -= static_cast<double>(piece.text.size());
  }

  [[nodiscard]] std::string name() const { return path_ == "-" ? "<stdin>" : path_; }
  [[nodiscard]] double size() const { return size_; }  ///< NaN where it is not known
  [[nodiscard]] double bytes_read() const { return read_; }

 private:
  struct Close {
    void operator()(std::FILE* file) const {
      if (file != stdin) std::fclose(file);
    }
  };

  void append(std::string& text, std::size_t bytes) {
    const std::size_t before = text.size();
    text.resize(before + bytes);
    const std::size_t got = std::fread(text.data() + before, 1, bytes, file_.get());
    text.resize(before + got);
    if (std::ferror(file_.get()) != 0)
      throw FileError(fmt::format("cannot read \"{}\": {}", path_, std::strerror(errno)));
    at_end_ = got < bytes;
  }

  std::string path_;
  std::unique_ptr<std::FILE, Close> file_;
  std::string rest_;
  int line_ = 1;
  bool at_end_ = false;
  double size_ = std::numeric_limits<double>::quiet_NaN();
  double read_ = 0;
};

PointsHeader read_header(LineSource& source, const std::vector<std::string>& required,
                         const std::vector<std::string>& optional) {
  while (std::optional<LineSource::Piece> piece = source.next(kBlockBytes)) {
    int number = piece->first_line;
    for (std::size_t begin = 0; begin < piece->text.size(); ++number) {
      const std::size_t end = std::min(piece->text.find('\n', begin), piece->text.size());
      std::string line = piece->text.substr(begin, end - begin);
      if (!line.empty() && line.back() == '\r') line.pop_back();
      begin = std::min(end + 1, piece->text.size());
      if (is_passed_over(line)) continue;
      source.put_back({piece->text.substr(begin), number + 1});
      return {source.name(), line, number, required, optional};
    }
  }
  fail_at(source.name(), 1, 1, "", "empty-file", "no header row",
          "the first row names the columns");
}

/// A block on its way through the pipeline.
struct Work {
  Work(const PointsHeader& header, LineSource::Piece piece, double bytes)
      : block(header, std::move(piece.text), piece.first_line), bytes_read(bytes) {}

  PointsBlock block;
  std::string table;
  double bytes_read;  ///< of the file, up to the end of the block
};

/// Counts what has been written, and what was wrong with it.
class Outcome {
 public:
  explicit Outcome(bool keep_going) : keep_going_(keep_going) {}

  /// @throws ModelError for a bad row, unless told to keep going
  void add(const PointsBlock& block) {
    rows_ += block.size();
    bad_rows_ += block.bad_rows();
    for (const Diagnostic& fault : block.faults()) {
      if (faults_.size() < kFaultsShown) faults_.push_back(fault);
    }
    if (bad_rows_ > 0 && !keep_going_) {
      faults_.back().hint += (faults_.back().hint.empty() ? "" : "; ") +
                             std::string("--keep-going writes nan for bad rows and goes on");
      throw ModelError(faults_);
    }
  }

  int report(const std::string& file) const {
    if (bad_rows_ > 0) {
      fmt::print(stderr, "{}\n{}: {} of {} rows are bad and have nan outputs{}\n",
                 format_diagnostics(faults_), file, bad_rows_, rows_,
                 bad_rows_ > faults_.size()
                     ? fmt::format("; the first {} are shown", faults_.size())
                     : "");
    }
    if (!interrupted()) return bad_rows_ > 0 ? kBadModel : kSuccess;
    fmt::print(stderr, "interrupted: {} rows were written\n", rows_);
    return kInterrupted;
  }

  [[nodiscard]] std::size_t rows() const { return rows_; }

 private:
  bool keep_going_;
  std::size_t rows_ = 0;
  std::size_t bad_rows_ = 0;
  std::vector<Diagnostic> faults_;
};

}  // namespace

int stream_points(const PointsArguments& arguments, const std::vector<std::string>& required,
                  const std::vector<std::string>& optional,
                  const std::function<PointsTask(const PointsHeader&)>& make_task) {
  LineSource source(arguments.points);
  const PointsHeader header = read_header(source, required, optional);
  const PointsTask task = make_task(header);
  const bool to_stdout = arguments.output.empty() || arguments.output == "-";
  OutputFile file(to_stdout ? "-" : arguments.output);
  file.write(fmt::format("{},{}\n", header.line(), task.columns));

  Outcome outcome(arguments.keep_going);
  {
    // A bar between rows on the same terminal would be in the way.
    std::optional<ProgressBar> bar;
    if (!to_stdout || ::isatty(STDOUT_FILENO) == 0) bar.emplace("points");
    const auto read = [&](tbb::flow_control& control) -> std::shared_ptr<Work> {
      std::optional<LineSource::Piece> piece;
      if (!interrupted()) piece = source.next(kBlockBytes);
      if (!piece) {
        control.stop();
        return nullptr;
      }
      return std::make_shared<Work>(header, std::move(*piece), source.bytes_read());
    };
    const auto evaluate = [&](const std::shared_ptr<Work>& work) {
      work->table = work->block.table(task.evaluate(work->block));
      return work;
    };
    const auto write = [&](const std::shared_ptr<Work>& work) {
      outcome.add(work->block);
      file.write(work->table);
      if (bar && source.size() > 0)
        bar->update(work->bytes_read / source.size(), fmt::format("{} rows", outcome.rows()));
    };
    using Pointer = std::shared_ptr<Work>;
    tbb::parallel_pipeline(
        2 * static_cast<std::size_t>(tbb::info::default_concurrency()),
        tbb::make_filter<void, Pointer>(tbb::filter_mode::serial_in_order, read) &
            tbb::make_filter<Pointer, Pointer>(tbb::filter_mode::parallel, evaluate) &
            tbb::make_filter<Pointer, void>(tbb::filter_mode::serial_in_order, write));
  }
  file.commit();
  return outcome.report(header.file());
}

}  // namespace nuphi::runner
