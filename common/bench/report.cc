#include "common/bench/report.h"

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <fstream>

namespace kv::bench {
namespace {

__attribute__((format(printf, 1, 2))) std::string Format(
    const char* format, ...) {
  char line[512];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(line, sizeof(line), format, arguments);
  va_end(arguments);
  return line;
}

std::string Quoted(const std::string& text) {
  std::string quoted = "\"";
  for (const char byte : text) {
    if (byte == '"' || byte == '\\') {
      quoted += '\\';
      quoted += byte;
    } else if (static_cast<unsigned char>(byte) < 0x20) {
      quoted += Format("\\u%04x", static_cast<unsigned>(byte));
    } else {
      quoted += byte;
    }
  }
  return quoted + "\"";
}

std::string ResultToJson(const WorkloadResult& result) {
  return "{\"workload\":" + Quoted(result.workload) +
      Format(",\"operations\":%llu,\"seconds\":%.9f,\"ops_per_second\":%.1f",
             static_cast<unsigned long long>(result.operations), result.seconds,
             result.OpsPerSecond()) +
      Format(",\"p50_ns\":%llu,\"p95_ns\":%llu,\"p99_ns\":%llu",
             static_cast<unsigned long long>(result.p50_ns),
             static_cast<unsigned long long>(result.p95_ns),
             static_cast<unsigned long long>(result.p99_ns)) +
      Format(",\"allocations_per_op\":%.4f,\"allocated_bytes_per_op\":%.2f}",
             result.allocations_per_op, result.allocated_bytes_per_op);
}

}  // namespace

std::string ToTable(const Report& report) {
  std::string table = report.stage + ": " + report.options + "\n";
  table += Format(
      "%llu keys of 16 bytes, values of %llu, seed %llu, the median of %llu "
      "runs; of each ns/op %.1f are "
      "the harness; a reading of the clock, %.0f ns, is taken off the "
      "percentiles\n\n",
      static_cast<unsigned long long>(report.keys),
      static_cast<unsigned long long>(report.value_bytes),
      static_cast<unsigned long long>(report.seed),
      static_cast<unsigned long long>(report.runs), report.harness_ns_per_op,
      report.timer_ns);
  table += Format(
      "%-12s %10s %12s %10s %10s %10s %10s %9s %9s\n", "workload", "operations",
      "ops/s", "ns/op", "p50 ns", "p95 ns", "p99 ns", "allocs/op", "bytes/op");
  for (const WorkloadResult& result : report.results) {
    table += Format(
        "%-12s %10llu %12.0f %10.1f %10llu %10llu %10llu %9.2f %9.1f\n",
        result.workload.c_str(),
        static_cast<unsigned long long>(result.operations),
        result.OpsPerSecond(), result.NanosPerOp(),
        static_cast<unsigned long long>(result.p50_ns),
        static_cast<unsigned long long>(result.p95_ns),
        static_cast<unsigned long long>(result.p99_ns),
        result.allocations_per_op, result.allocated_bytes_per_op);
  }
  if (!report.skipped.empty()) {
    table += Format("\n%zu skipped:", report.skipped.size());
    for (const SkippedWorkload& skipped : report.skipped) {
      table += " " + skipped.workload + " (" + skipped.reason + ")";
    }
    table += "\n";
  }
  return table;
}

std::string ToJson(const Report& report) {
  std::string json = "{\"stage\":" + Quoted(report.stage) +
      ",\"options\":" + Quoted(report.options) +
      Format(",\"keys\":%llu,\"value_bytes\":%llu,\"seed\":%llu,\"runs\":%llu",
             static_cast<unsigned long long>(report.keys),
             static_cast<unsigned long long>(report.value_bytes),
             static_cast<unsigned long long>(report.seed),
             static_cast<unsigned long long>(report.runs)) +
      Format(",\"harness_ns_per_op\":%.2f,\"timer_ns\":%.1f,\"results\":[",
             report.harness_ns_per_op, report.timer_ns);
  for (size_t i = 0; i < report.results.size(); ++i) {
    json += (i == 0 ? "\n" : ",\n") + ResultToJson(report.results[i]);
  }
  json += "\n],\"skipped\":[";
  for (size_t i = 0; i < report.skipped.size(); ++i) {
    json += (i == 0 ? "{" : ",{");
    json += "\"workload\":" + Quoted(report.skipped[i].workload) +
        ",\"reason\":" + Quoted(report.skipped[i].reason) + "}";
  }
  return json + "]}\n";
}

Status WriteTextFile(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (!file) {
    return Status::IoError(
        "'" + path + "' cannot be written: " + std::strerror(errno));
  }
  return Status::Ok();
}

}  // namespace kv::bench
