#include "points_stream.h"

#include <fmt/format.h>
#include <tbb/info.h>
#include <tbb/parallel_pipeline.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "commands.h"
#include "files.h"
#include "line_source.h"
#include "printable.h"
#include "progress.h"
#include "signals.h"

namespace nuphi::runner {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{1} << 18;
constexpr std::size_t kMostBeforeHeader = std::size_t{1} << 26;  // an endless source of blank lines
constexpr std::size_t kFaultsShown = 10;
constexpr std::chrono::milliseconds kWriteInTime{500};

PointsHeader read_header(LineSource& source, const std::vector<std::string>& required,
                         const std::vector<std::string>& optional) {
  std::size_t passed_over = 0;
  while (std::optional<LineSource::Piece> piece = source.next(kBlockBytes)) {
    int number = piece->first_line;
    passed_over += piece->text.size();
    if (passed_over > kMostBeforeHeader) break;
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

  int report(const std::string& file, bool partial) const {
    if (bad_rows_ > 0) {
      print_error(fmt::format("{}\n{}: {} of {} rows are bad and have nan outputs{}\n",
                              format_diagnostics(faults_), file, bad_rows_, rows_,
                              bad_rows_ > faults_.size()
                                  ? fmt::format("; the first {} are shown", faults_.size())
                                  : ""));
    }
    if (!partial) return bad_rows_ > 0 ? kBadModel : kSuccess;
    print_error(fmt::format("interrupted: {} rows were written\n", rows_));
    return interrupt_exit_code();
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
  note_input(arguments.points);
  LineSource source(arguments.points);
  const PointsHeader header = read_header(source, required, optional);
  const PointsTask task = make_task(header);
  const bool to_stdout = arguments.output.empty() || arguments.output == "-";
  OutputFile file(to_stdout ? "-" : arguments.output);
  file.write(fmt::format("{},{}\n", header.line(), task.columns));

  Outcome outcome(arguments.keep_going);
  bool partial = false;
  std::timed_mutex writing;
  const EmergencyKeeper keeper([&] {  // blocks under way may take long: the rows written so far
    const std::unique_lock lock(writing, kWriteInTime);
    if (lock.owns_lock()) file.commit_partial();
  });
  {
    // A bar between rows on the same terminal would be in the way.
    std::optional<ProgressBar> bar;
    if (!to_stdout || ::isatty(STDOUT_FILENO) == 0) bar.emplace("points");
    const auto read = [&](tbb::flow_control& control) -> std::shared_ptr<Work> {
      std::optional<LineSource::Piece> piece = source.next(kBlockBytes);
      // What a stopped source still gave are the last rows before the signal.
      if (piece && interrupted() && !source.was_stopped()) partial = true;
      if (!piece || partial) {
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
      {
        const std::lock_guard lock(writing);
        file.write(work->table);
      }
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
  partial = partial || source.was_stopped();
  if (partial) {
    file.commit_partial();
  } else {
    file.commit();
  }
  return outcome.report(header.file(), partial);
}

}  // namespace nuphi::runner
