#include "common/testing/damage_sweep.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <new>
#include <optional>
#include <set>

#include "common/base/random.h"
#include "common/fs/fault_file_system.h"
#include "common/fs/memory_file_system.h"
#include "common/testing/allocation_guard.h"
#include "common/testing/model_step.h"

namespace kv::testing {
namespace {

constexpr char kPath[] = "db";
constexpr char kProbeKey[] = "written after the damage";

enum class Verdict { kRefused, kReadErrors, kUnharmed, kEarlier, kFailed };

// What was read of a database. An error is a key that is not in it.
struct Reading {
  std::map<std::string, std::optional<std::string>> values;  // none: absent
  std::optional<std::vector<std::string>> keys;
  bool has_errors = false;
};

// Opens and judges one damaged database.
class Trial {
 public:
  Trial(
      const DamageSweepOptions& options, const std::set<std::string>& all_keys,
      const DirectoryImage& image, size_t oldest)
      : options_(options),
        all_keys_(all_keys),
        image_(image),
        oldest_(oldest),
        base_(MemoryFileSystem::CrashModel::kNone),
        fs_(&base_),
        random_(1) {}

  Verdict Run(bool write_after) {
    const Status written = WriteDirectoryImage(&base_, kPath, image_);
    if (!written.ok()) return Fail("the image can be written", written);
    Fault too_many;
    too_many.nth = options_.calls_max;
    too_many.persistent = true;
    fs_.Inject(too_many);
    AllocationGuard guard(options_.allocation_bytes_max);
    Verdict verdict = Verdict::kFailed;
    try {
      verdict = Judge(write_after);
    } catch (const std::bad_alloc&) {
      // Reported below, when memory is to be had again.
    }
    if (guard.WasExceeded()) {
      return Fail(
          "lengths are checked before memory is asked for",
          "at most " + std::to_string(options_.allocation_bytes_max) +
              " bytes at once",
          std::to_string(guard.Greatest()) + " bytes");
    }
    if (fs_.FaultsFired() > 0) {
      return Fail(
          "an open ends",
          "at most " + std::to_string(options_.calls_max) +
              " file-system calls",
          "more");
    }
    return verdict;
  }

  const std::string& failure() const { return failure_; }

 private:
  Verdict Fail(
      const std::string& promise, const std::string& expected,
      const std::string& actual) {
    failure_ = "  promise:  " + promise + "\n  expected: " + expected +
        "\n  actual:   " + actual + "\n";
    return Verdict::kFailed;
  }

  Verdict Fail(const std::string& promise, const Status& status) {
    return Fail(promise, "Ok", status.ToString());
  }

  Result<std::unique_ptr<Subject>> Open() {
    SubjectOptions subject = options_.subject;
    subject.path = kPath;
    subject.file_system = &fs_;
    subject.random = &random_;
    return options_.open(subject);
  }

  // Whether an error says what it must.
  bool IsExplicit(const Status& status) {
    switch (status.code()) {
      case StatusCode::kIoError:
      case StatusCode::kNotSupported:
        return true;
      case StatusCode::kCorruption:
        for (const auto& [name, content] : options_.image) {
          if (status.message().find(name) != std::string_view::npos) {
            return true;
          }
        }
        Fail(
            "Corruption names the file", "the name of a file of the database",
            status.ToString());
        return false;
      default:
        Fail(
            "damage gives an explicit error",
            "Corruption, IoError or NotSupported", status.ToString());
        return false;
    }
  }

  Verdict Judge(bool write_after) {
    Result<std::unique_ptr<Subject>> opened = Open();
    if (!opened.ok()) {
      return IsExplicit(opened.status()) ? Verdict::kRefused : Verdict::kFailed;
    }
    Reading reading;
    if (!Read(opened->get(), &reading)) return Verdict::kFailed;
    const std::optional<size_t> state = FindState(reading);
    if (!state) return Verdict::kFailed;
    if (write_after && !reading.has_errors &&
        !WriteAndReopen(&*opened, *state)) {
      return Verdict::kFailed;
    }
    if (reading.has_errors) return Verdict::kReadErrors;
    return options_.writes[*state].after == options_.writes.back().after
        ? Verdict::kUnharmed
        : Verdict::kEarlier;
  }

  // False after an error that is not explicit.
  bool Read(Subject* subject, Reading* reading) {
    for (const std::string& key : all_keys_) {
      Result<std::string> value = subject->Get(key);
      if (value.ok()) {
        reading->values[key] = std::move(*value);
      } else if (value.status().IsNotFound()) {
        reading->values[key] = std::nullopt;
      } else {
        reading->has_errors = true;
        if (!IsExplicit(value.status())) return false;
      }
    }
    Result<std::vector<std::string>> keys = subject->Keys("");
    if (keys.ok()) {
      reading->keys = std::move(*keys);
    } else {
      reading->has_errors = true;
      if (!IsExplicit(keys.status())) return false;
    }
    return true;
  }

  // The newest allowed state that the reading agrees with.
  std::optional<size_t> FindState(const Reading& reading) {
    for (size_t i = options_.writes.size(); i-- > oldest_;) {
      if (Disagreement(options_.writes[i].after, reading).empty()) return i;
    }
    Fail(
        oldest_ + 1 == options_.writes.size()
            ? "every read gives the right value or an error"
            : "what is read is one state of the history that keeps all that "
              "lies before the damage or is provably synced",
        "the state after write " + std::to_string(oldest_) +
            (oldest_ + 1 == options_.writes.size() ? ""
                                                   : " or a later one, up to " +
                     std::to_string(options_.writes.size() - 1)),
        Disagreement(options_.writes[oldest_].after, reading));
    return std::nullopt;
  }

  static std::string Disagreement(
      const std::map<std::string, std::string>& state, const Reading& reading) {
    for (const auto& [key, value] : reading.values) {
      const auto found = state.find(key);
      const bool present = found != state.end();
      if (value.has_value() == present &&
          (!present || found->second == *value)) {
        continue;
      }
      return "Get(" + QuoteBytes(key) + ") is " +
          (value ? QuoteBytes(*value) : "NotFound") + ", not " +
          (present ? QuoteBytes(found->second) : "NotFound");
    }
    if (!reading.keys) return "";
    std::vector<std::string> keys;
    for (const auto& entry : state) keys.push_back(entry.first);
    if (*reading.keys == keys) return "";
    return "Keys(\"\") gives " + std::to_string(reading.keys->size()) +
        " keys, not the " + std::to_string(keys.size()) + " of that state";
  }

  // What recovery showed stays, and what is written after it is not hidden.
  bool WriteAndReopen(std::unique_ptr<Subject>* subject, size_t state) {
    const Status put = (*subject)->Put(kProbeKey, "1", WriteMode::kUnsynced);
    const Status closed = (*subject)->Close();
    subject->reset();
    if (!put.ok() || !closed.ok()) {
      Fail("a database that opened takes writes", put.ok() ? closed : put);
      return false;
    }
    Result<std::unique_ptr<Subject>> again = Open();
    if (!again.ok()) {
      Fail("a database that opened opens again", again.status());
      return false;
    }
    Reading reading;
    if (!Read(again->get(), &reading)) return false;
    const Result<std::string> probe = (*again)->Get(kProbeKey);
    std::map<std::string, std::string> expected = options_.writes[state].after;
    expected[kProbeKey] = "1";
    reading.values[kProbeKey] =
        probe.ok() ? std::optional<std::string>(*probe) : std::nullopt;
    const std::string disagreement = Disagreement(expected, reading);
    if (disagreement.empty()) return true;
    Fail(
        "after another write and open everything is still there",
        "the same state and the new key", disagreement);
    return false;
  }

  const DamageSweepOptions& options_;
  const std::set<std::string>& all_keys_;
  const DirectoryImage& image_;
  const size_t oldest_;
  MemoryFileSystem base_;
  FaultFileSystem fs_;
  SeededRandom random_;
  std::string failure_;
};

// The oldest state that may be read after damage to these bytes of `file`.
size_t OldestState(
    const std::vector<HistoryWrite>& writes, const std::string& last_log,
    const std::string& file, const ChangedBytes& changed) {
  if (file != last_log) return writes.size() - 1;
  uint64_t kept_end = changed.first;
  for (const HistoryWrite& write : writes) {
    if (write.log == last_log && write.log_begin >= changed.last) {
      kept_end = std::max(kept_end, write.synced_end);
    }
  }
  size_t oldest = 0;
  for (size_t i = 0; i < writes.size(); ++i) {
    if (writes[i].log != last_log || writes[i].log_end <= kept_end) oldest = i;
  }
  return oldest;
}

std::set<std::string> AllKeys(const std::vector<HistoryWrite>& writes) {
  std::set<std::string> keys;
  for (const HistoryWrite& write : writes) {
    for (const auto& entry : write.after) keys.insert(entry.first);
  }
  return keys;
}

std::string LastLogOf(const DamageSweepOptions& options) {
  std::vector<std::string> names;
  for (const auto& entry : options.image) names.push_back(entry.first);
  return LastLogName(options.capabilities, names);
}

void Count(Verdict verdict, DamageCounts* counts) {
  switch (verdict) {
    case Verdict::kRefused:
      ++counts->refused;
      break;
    case Verdict::kReadErrors:
      ++counts->read_errors;
      break;
    case Verdict::kUnharmed:
      ++counts->unharmed;
      break;
    case Verdict::kEarlier:
      ++counts->earlier;
      break;
    case Verdict::kFailed:
      ++counts->failed;
      break;
  }
}

}  // namespace

DamageSweepReport RunDamageSweep(const DamageSweepOptions& options) {
  const std::set<std::string> all_keys = AllKeys(options.writes);
  const std::string last_log = LastLogOf(options);
  DamageSweepReport report;
  uint64_t opened = 0;
  for (const Damage& damage :
       ListDamages(options.image, options.older, options.plan)) {
    if (report.failures.size() >= options.failures_max) break;
    const std::optional<DirectoryImage> image =
        ApplyDamage(options.image, options.older, damage);
    if (!image) continue;
    const std::string& before = options.image.at(damage.file);
    const auto after = image->find(damage.file);
    const size_t oldest = OldestState(
        options.writes, last_log, damage.file,
        after == image->end() ? ChangedBytes{0, UINT64_MAX}
                              : FindChangedBytes(before, after->second));
    const bool write_after = options.write_after_every != 0 &&
        opened % options.write_after_every == 0;
    Trial trial(options, all_keys, *image, oldest);
    const Verdict verdict = trial.Run(write_after);
    if (verdict == Verdict::kUnharmed || verdict == Verdict::kEarlier) ++opened;
    Count(verdict, &report.counts[{damage.file, damage.kind}]);
    if (verdict == Verdict::kFailed) {
      report.failures.push_back(damage.Text() + "\n" + trial.failure());
    }
  }
  return report;
}

uint64_t DamageSweepReport::Total() const {
  uint64_t total = 0;
  for (const auto& entry : counts) total += entry.second.Total();
  return total;
}

std::string DamageSweepReport::Table() const {
  std::string table =
      "file             damage            tried  refused  read error"
      "  unharmed  earlier   failed\n";
  for (const auto& [where, count] : counts) {
    char line[160];
    std::snprintf(
        line, sizeof(line),
        "%-16s %-14s %8llu %8llu %11llu %9llu %8llu %8llu\n",
        where.first.c_str(), std::string(DamageKindName(where.second)).c_str(),
        static_cast<unsigned long long>(count.Total()),
        static_cast<unsigned long long>(count.refused),
        static_cast<unsigned long long>(count.read_errors),
        static_cast<unsigned long long>(count.unharmed),
        static_cast<unsigned long long>(count.earlier),
        static_cast<unsigned long long>(count.failed));
    table += line;
  }
  return table;
}

}  // namespace kv::testing
