#include "common/tool/maintain/subprocess.h"

#include "common/tool/run/process.h"

namespace kv::tool {

Result<ProgramOutput> RunProgram(
    const std::vector<std::string>& arguments,
    const std::filesystem::path& directory, const ProgramOptions& options) {
  ProcessOptions process;
  process.arguments = arguments;
  process.directory = directory;
  process.environment = options.environment;
  process.errors =
      options.keep_stderr ? ErrorStream::kMerge : ErrorStream::kDiscard;
  KV_ASSIGN_OR_RETURN(auto result, RunChild(process, options.limit));
  ProgramOutput output;
  output.exit_code = result.exit.signal != 0 ? 128 + result.exit.signal
                                             : result.exit.exit_code;
  output.timed_out = result.timed_out;
  output.text = std::move(result.output);
  return output;
}

bool HasProgram(const std::string& name) {
  return !FindProgram(name).empty();
}

}  // namespace kv::tool
