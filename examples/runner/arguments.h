#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nuphi::runner {

/// The command line as the parser takes it:
///   --set a=1 b=2  →  --set a=1 --set b=2     (a file of such a name stays a file)
///   --free a b MODEL.yaml  →  MODEL.yaml in front of all options
///   help COMMAND   →  COMMAND --help,   help  →  --help
std::vector<std::string> normalized(std::vector<std::string> arguments);

/// Where the name in "name=value" ends: at the first "=", or at the first behind the brackets of
/// "indegree[E<-I]". npos where there is none.
std::size_t end_of_name(std::string_view text);

/// The nearest of the names, as "did you mean `solve`?"; empty when none is near.
std::string suggestion(std::string_view text, std::span<const std::string> names);

}  // namespace nuphi::runner
