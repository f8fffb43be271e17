#pragma once

// Brings what a learner wrote for earlier parts into a new starter.
//
// Contract: a function is carried if the reference did not change it between
//   the learner's stage and the new one, signature and body, and if what it
//   uses is there. Everything else is listed with the reason; the reference's
//   own text stands in the starter then.

#include <string>
#include <vector>

#include "common/base/status.h"
#include "common/tool/context.h"
#include "common/tool/course/emptier.h"

namespace kv::tool {

struct Carried {
  std::string exercise;
  std::string function;
  bool carried = false;
  bool gone = false;  ///< the new stage has it no more
  bool empty = false;  ///< not carried: nothing was written for it
  bool never_started = false;  ///< nor was its part begun
  std::string from;  ///< part whose folder it comes from
  std::string why;  ///< why not
};

/// Changes `*starter`, the starter of `part`, which belongs to a stage whose
/// reference is `reference`. `*dropped` gets the files of earlier parts that
/// the learner changed outside of exercises, as "stage02/base/coding.cc":
/// such changes are not brought along.
Result<std::vector<Carried>> CarrySolutions(
    Context& context, const Course& course, const PartRef& part,
    const SourceTree& reference, SourceTree* starter,
    std::vector<std::string>* dropped);

}  // namespace kv::tool
