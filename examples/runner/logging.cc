#include "logging.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#ifdef NUPHI_HAS_GLOG
#include <glog/logging.h>
#endif

namespace nuphi::runner {
namespace {

#ifdef NUPHI_HAS_GLOG
// glog writes to stderr on its own; here it only hands its lines on.
class GlogToSpdlog : public google::LogSink {
 public:
  void send(google::LogSeverity severity, const char* /*path*/, const char* file, int line,
            const struct ::tm* /*time*/, const char* message, std::size_t length) override {
    const auto level = severity >= google::GLOG_ERROR ? spdlog::level::debug : spdlog::level::trace;
    spdlog::log(level, "{}:{}: {}", file, line, std::string_view(message, length));
  }
};

void redirect_glog(const char* program) {
  static GlogToSpdlog sink;
  google::InitGoogleLogging(program);
  for (int severity = 0; severity < google::NUM_SEVERITIES; ++severity) {
    google::SetLogDestination(severity, "");
  }
  google::SetStderrLogging(google::GLOG_FATAL);
  google::AddLogSink(&sink);
}
#else
void redirect_glog(const char* /*program*/) {}
#endif

}  // namespace

void start_logging(const char* program, bool verbose) {
  auto logger = spdlog::stderr_color_mt("nuphi");
  logger->set_pattern("%^%l%$: %v");
  spdlog::set_default_logger(std::move(logger));
  spdlog::set_level(verbose ? spdlog::level::debug : spdlog::level::warn);
  redirect_glog(program);
}

}  // namespace nuphi::runner
