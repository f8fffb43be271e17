#include "app/kv_inspect/version_edit_fields.h"

#include <string>
#include <utility>

#include "app/kv_inspect/field_cutter.h"
#include "app/kv_inspect/stored_key_fields.h"
#include "kv/coding.h"

namespace kv {
namespace {

// Of an edit that was decoded before, so that all its fields are whole.
class EditPrinter {
 public:
  explicit EditPrinter(std::string_view payload)
      : rest_(payload), cutter_(payload) {}

  void Print(uint64_t offset, const VersionEdit& edit) {
    size_t tables = 0;
    while (!rest_.empty()) {
      switch (rest_.front()) {
        case 1:
          Add(1, "tag: the first segment of the log that is needed");
          AddVarint("segment");
          break;
        case 2:
          Add(1, "tag: the last sequence number in the tables");
          AddVarint("sequence");
          break;
        default:
          AddTable(edit.added[tables++]);
          break;
      }
    }
    cutter_.Print(offset);
  }

 private:
  void Add(size_t bytes, std::string meaning) {
    cutter_.Add(bytes, std::move(meaning));
    rest_.remove_prefix(bytes);
  }

  void AddVarint(std::string_view name) {
    std::string_view input = rest_;
    uint64_t value = 0;
    static_cast<void>(GetVarint64(&input, &value));
    Add(rest_.size() - input.size(),
        std::string(name) + " " + std::to_string(value));
  }

  void AddTable(const TableMetadata& table) {
    Add(1, "tag: a new table");
    AddVarint("table number");
    Add(8, "table id");
    AddVarint("file of bytes:");
    AddVarint("entries");
    for (const auto& [name, stored] :
         {std::pair("smallest key", std::string_view(table.smallest)),
          std::pair("largest key", std::string_view(table.largest))}) {
      AddVarint("stored key of bytes:");
      AddStoredKey(stored, name, &cutter_);
      rest_.remove_prefix(stored.size());
    }
  }

  std::string_view rest_;
  FieldCutter cutter_;
};

}  // namespace

void PrintEditFields(
    uint64_t offset, std::string_view payload, const VersionEdit& edit) {
  EditPrinter(payload).Print(offset, edit);
}

}  // namespace kv
