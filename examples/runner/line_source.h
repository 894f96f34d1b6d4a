#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace nuphi::runner {

/// A text file in pieces of whole lines. Waiting for a pipe ends when the program is told to end.
class LineSource {
 public:
  /// @param path  "-" is standard input. @throws FileError
  explicit LineSource(const std::string& path);
  ~LineSource();
  LineSource(const LineSource&) = delete;
  LineSource& operator=(const LineSource&) = delete;

  struct Piece {
    std::string text;
    int first_line = 1;
  };

  /// @param bytes  about so many; at least a line
  /// @return nothing at the end. @throws FileError, ModelError for a line that is too long
  std::optional<Piece> next(std::size_t bytes);

  /// Puts lines back, to be read again.
  void put_back(Piece piece);

  [[nodiscard]] std::string name() const { return path_ == "-" ? "<stdin>" : path_; }
  [[nodiscard]] double size() const { return size_; }  ///< NaN where it is not known
  [[nodiscard]] double bytes_read() const { return read_; }
  [[nodiscard]] bool was_stopped() const { return stopped_; }  ///< before the end

 private:
  void append(std::string& text, std::size_t bytes);
  bool wait();
  [[noreturn]] void fail() const;

  std::string path_;
  int descriptor_ = -1;
  std::string rest_;
  int line_ = 1;
  bool at_end_ = false;
  bool stopped_ = false;
  double size_;
  double read_ = 0;
};

}  // namespace nuphi::runner
