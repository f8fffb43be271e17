#include "common/tool/commands/site.h"

#include <fmt/format.h>

#include "common/tool/maintain/site.h"
#include "common/tool/maintain/subprocess.h"

namespace kv::tool {
namespace {

Status RunSite(Context& context) {
  if (!HasProgram("doxygen")) {
    return Status::Unavailable(
        "the site is made by Doxygen, which is not installed. Install it with "
        "'apt-get install doxygen' (Debian, Ubuntu); 'wb doctor' lists what "
        "else is missing.");
  }
  KV_ASSIGN_OR_RETURN(
      const ProjectTree project, LoadProjectTree(context.root()));
  KV_ASSIGN_OR_RETURN(
      const SiteResult site,
      BuildSite(project, context.root() / "build" / "site"));
  for (const std::string& warning : site.warnings) {
    fmt::print("warning: {}\n", warning);
  }
  fmt::print(
      "{} sources and pages, {} warnings. Open: {}\n", site.inputs,
      site.warnings.size(), site.index.string());
  return site.warnings.empty()
      ? Status::Ok()
      : Status::Aborted("the site has warnings; see above");
}

}  // namespace

void RegisterSite(CLI::App& app, Context& context) {
  CLI::App* command = AddCommand(
      app, kGroupMaintain, "site",
      "Make the documents and the API reference into web pages", "wb site");
  command->callback([&context] { context.Finish(RunSite(context)); });
}

}  // namespace kv::tool
