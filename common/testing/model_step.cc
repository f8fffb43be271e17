#include "common/testing/model_step.h"

#include <algorithm>
#include <cstdio>

namespace kv::testing {
namespace {

using Kind = ModelStep::Kind;

std::string Escape(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c >= ' ' && c <= '~') {
      out += c;
    } else {
      // Octal: a hexadecimal escape would swallow the letters after it.
      char octal[8];
      std::snprintf(
          octal, sizeof(octal), "\\%03o",
          static_cast<unsigned>(static_cast<unsigned char>(c)));
      out += octal;
    }
  }
  return out;
}

std::string BatchLine(const std::vector<BatchOperation>& batch) {
  std::string line = "{";
  for (const BatchOperation& operation : batch) {
    if (line.size() > 1) line += ", ";
    if (operation.kind == BatchOperation::Kind::kPut) {
      line += "Put(" + QuoteBytes(operation.key) + ", " +
          QuoteBytes(operation.value) + ")";
    } else {
      line += "Delete(" + QuoteBytes(operation.key) + ")";
    }
  }
  return line + "}";
}

}  // namespace

std::string_view StepName(Kind kind) {
  switch (kind) {
    case Kind::kPut:
      return "Put";
    case Kind::kDelete:
      return "Delete";
    case Kind::kWrite:
      return "Write";
    case Kind::kRename:
      return "Rename";
    case Kind::kGet:
      return "Get";
    case Kind::kExists:
      return "Exists";
    case Kind::kMultiGet:
      return "MultiGet";
    case Kind::kKeys:
      return "Keys";
    case Kind::kCount:
      return "GetStats";
    case Kind::kCheckAll:
      return "CheckAll";
    case Kind::kSync:
      return "Sync";
    case Kind::kReopen:
      return "Reopen";
    case Kind::kScan:
      return "Scan";
    case Kind::kFlush:
      return "Flush";
    case Kind::kCheckpoint:
      return "Checkpoint";
    case Kind::kCompact:
      return "Compact";
  }
  return "?";
}

std::string QuoteBytes(std::string_view bytes) {
  constexpr size_t kShort = 40;
  if (bytes.size() <= kShort) {
    const bool zero = bytes.find('\0') != std::string_view::npos;
    return "\"" + Escape(bytes) + (zero ? "\"s" : "\"");
  }
  const std::string length = std::to_string(bytes.size());
  if (bytes.find_first_not_of(bytes[0]) == std::string_view::npos) {
    return "std::string(" + length + ", '" + Escape(bytes.substr(0, 1)) + "')";
  }
  return "\"" + Escape(bytes.substr(0, kShort)) + "...\" (" + length +
      " bytes)";
}

std::string StepLine(const ModelStep& step) {
  const std::string synced =
      step.mode == WriteMode::kSynced ? ", {.sync = true}" : "";
  std::string arguments;
  switch (step.kind) {
    case Kind::kPut:
    case Kind::kRename:
      arguments =
          QuoteBytes(step.first) + ", " + QuoteBytes(step.second) + synced;
      break;
    case Kind::kDelete:
      arguments = QuoteBytes(step.first) + synced;
      break;
    case Kind::kWrite:
      arguments = BatchLine(step.batch) + synced;
      break;
    case Kind::kGet:
    case Kind::kExists:
    case Kind::kKeys:
      arguments = QuoteBytes(step.first);
      break;
    case Kind::kMultiGet:
      for (const std::string& key : step.keys) {
        arguments += (arguments.empty() ? "{" : ", ") + QuoteBytes(key);
      }
      arguments += arguments.empty() ? "{}" : "}";
      break;
    case Kind::kScan:
      arguments = QuoteBytes(step.first) + ", " + QuoteBytes(step.second);
      break;
    case Kind::kCheckAll:
      return "for (key : db->Keys(\"\")) db->Get(key);";
    case Kind::kReopen:
      return "db->Close(); db = Open(options);";
    case Kind::kFlush:
    case Kind::kCheckpoint:
      if (step.fails_at > 0) {
        arguments = "/* write " + std::to_string(step.fails_at) +
            " finds the disk full */";
      }
      break;
    case Kind::kCount:
    case Kind::kSync:
    case Kind::kCompact:
      break;
  }
  return "db->" + std::string(StepName(step.kind)) + "(" + arguments + ");";
}

StepGenerator::StepGenerator(
    uint64_t seed, const Capabilities& capabilities,
    const SubjectOptions& options)
    : random_(seed),
      capabilities_(capabilities),
      key_bytes_max_(static_cast<size_t>(options.key_bytes_max)),
      value_bytes_max_(static_cast<size_t>(options.value_bytes_max)) {
  FillKeys(options);
  const auto add = [this](Kind kind, size_t weight, bool there = true) {
    if (there) kinds_.insert(kinds_.end(), weight, kind);
  };
  // A run leans towards filling or towards emptying, so that tables grow in
  // one and live with deletions in another.
  const bool fills = random_.OneIn(2);
  add(Kind::kPut, fills ? 60 : 35);
  add(Kind::kDelete, fills ? 10 : 35);
  add(Kind::kWrite, 16);
  add(Kind::kRename, 10);
  add(Kind::kGet, 30);
  add(Kind::kExists, 8);
  add(Kind::kMultiGet, 6);
  add(Kind::kKeys, 5);
  add(Kind::kCount, 2, capabilities.exact_counts);
  add(Kind::kCheckAll, 1);
  add(Kind::kReopen, 2);
  add(Kind::kSync, 3, capabilities.sync);
  add(Kind::kScan, 6, capabilities.scan);
  add(Kind::kFlush, 3, capabilities.flush);
  add(Kind::kCheckpoint, 2, capabilities.checkpoint);
  add(Kind::kCompact, 1, capabilities.compact);
}

void StepGenerator::FillKeys(const SubjectOptions& options) {
  static const std::string kSpecial[] = {
      std::string(),
      std::string(1, '\0'),
      std::string(2, '\0'),
      std::string("a\0", 2),
      "a",
      std::string("a\0b", 3),
      "ab",
      "b",
      "\x7f",
      "\x80",
      "\xff",
      "\xff\xff",
      "a\xff",
      "\xff\x01",
  };
  constexpr size_t kCounts[] = {4, 16, 64, 1024};
  const size_t count = kCounts[random_.Below(std::size(kCounts))];
  while (keys_.size() < count) {
    if (random_.OneIn(2) && keys_.size() < 30) {
      keys_.push_back(kSpecial[random_.Below(std::size(kSpecial))]);
    } else if (random_.OneIn(2)) {
      keys_.push_back("key" + std::to_string(random_.Below(count)));
    } else if (random_.OneIn(count)) {
      keys_.push_back(
          std::string(static_cast<size_t>(options.key_bytes_max), 'm'));
    } else {
      keys_.push_back(RandomBytes(1 + random_.Below(12)));
    }
  }
}

ModelStep StepGenerator::Next() {
  ModelStep step;
  step.kind = kinds_[random_.Below(kinds_.size())];
  if (capabilities_.sync && random_.OneIn(5)) step.mode = WriteMode::kSynced;
  switch (step.kind) {
    case Kind::kPut:
      step.first = KeyToWrite();
      step.second = Value();
      break;
    case Kind::kDelete:
      step.first = KeyToWrite();
      break;
    case Kind::kRename:
      step.first = Key();
      step.second = random_.OneIn(8) ? step.first : KeyToWrite();
      break;
    case Kind::kWrite:
      for (uint64_t left = random_.Below(8); left > 0; --left) {
        step.batch.push_back(NextBatchOperation());
      }
      // The same key twice: the later operation wins.
      if (!step.batch.empty() && random_.OneIn(2)) {
        BatchOperation again = NextBatchOperation();
        again.key = step.batch[random_.Below(step.batch.size())].key;
        step.batch.push_back(again);
      }
      break;
    case Kind::kGet:
    case Kind::kExists:
      step.first = Key();
      break;
    case Kind::kMultiGet:
      for (uint64_t left = random_.Below(6); left > 0; --left) {
        step.keys.push_back(Key());
      }
      break;
    case Kind::kKeys:
      step.first = Prefix();
      break;
    case Kind::kScan:
      step.first = Prefix();
      step.second = Prefix();
      break;
    case Kind::kCount:
    case Kind::kCheckAll:
    case Kind::kSync:
    case Kind::kReopen:
    case Kind::kFlush:
    case Kind::kCheckpoint:
    case Kind::kCompact:
      break;
  }
  return step;
}

std::string StepGenerator::Key() {
  return keys_[random_.Below(keys_.size())];
}

std::string StepGenerator::KeyToWrite() {
  if (random_.OneIn(100)) return std::string(key_bytes_max_ + 1, 'k');
  return Key();
}

std::string StepGenerator::Prefix() {
  const std::string key = Key();
  return key.substr(0, random_.Below(std::min<size_t>(key.size(), 4) + 1));
}

std::string StepGenerator::Value() {
  // Long values are runs of one byte, so that a report can print them whole.
  const char filler = static_cast<char>('a' + random_.Below(26));
  switch (random_.Below(16)) {
    case 0:
      return std::string();
    case 1:
      return std::string(
          std::min<size_t>(value_bytes_max_, 64 + random_.Below(2000)), filler);
    case 2:
      if (random_.OneIn(10)) return std::string(value_bytes_max_, filler);
      if (random_.OneIn(10)) return std::string(value_bytes_max_ + 1, filler);
      [[fallthrough]];
    case 3:
      return RandomBytes(random_.Below(20));
    default:
      return std::string(1, filler) + std::to_string(random_.Below(10000));
  }
}

std::string StepGenerator::RandomBytes(size_t count) {
  std::string bytes;
  while (bytes.size() < count) {
    // Half of them where comparisons and terminators go wrong.
    static constexpr char kEdges[] = {'\0', '\x01', '\x7f', '\x80', '\xff'};
    bytes += random_.OneIn(2) ? kEdges[random_.Below(sizeof(kEdges))]
                              : static_cast<char>(random_.Below(256));
  }
  return bytes;
}

BatchOperation StepGenerator::NextBatchOperation() {
  BatchOperation operation;
  operation.key = KeyToWrite();
  if (random_.OneIn(3)) {
    operation.kind = BatchOperation::Kind::kDelete;
  } else {
    operation.value = Value();
  }
  return operation;
}

}  // namespace kv::testing
