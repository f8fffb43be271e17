#include "app/kv_inspect/current_inspector.h"

#include <iostream>
#include <string>

#include "app/kv_inspect/field_cutter.h"
#include "version/current_file.h"

namespace kv {

Result<uint64_t> InspectCurrent(const InspectedFile& file) {
  std::string scratch;
  KV_ASSIGN_OR_RETURN(
      const std::string_view content, file.Read(0, kCurrentBytesMax, &scratch));
  const Result<uint64_t> number = DecodeCurrent(content);
  FieldCutter cutter(content);
  if (!number.ok() || file.bytes > content.size()) {
    cutter.Add(content.size(), "NOT WHAT WAS WRITTEN");
    cutter.Print(0);
    std::cout << (number.ok() ? "there are more bytes behind it"
                              : number.status().message())
              << "\n";
    return 0;
  }
  const size_t line = content.find('\n');
  cutter.Add(
      line, "the manifest that counts: number " + std::to_string(*number));
  cutter.Add(1, "line feed");
  cutter.Add(content.size() - line - 2, "checksum of the line: right");
  cutter.Add(1, "line feed");
  cutter.Print(0);
  return *number;
}

}  // namespace kv
