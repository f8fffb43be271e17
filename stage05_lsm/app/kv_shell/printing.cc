#include "app/kv_shell/printing.h"

#include "common/shell/escape.h"

namespace kv {

std::string Printed(std::string_view bytes) {
  return bytes.empty() ? "(empty)" : shell::EscapeBytes(bytes);
}

Status Say(const Status& status, std::ostream& out) {
  if (status.ok()) {
    out << "ok\n";
  }
  return status;
}

Status PrintNumbers(
    const std::vector<std::pair<std::string_view, uint64_t>>& lines,
    std::ostream& out) {
  for (const auto& [name, number] : lines) {
    out << name << ": " << number << "\n";
  }
  return Status::Ok();
}

}  // namespace kv
