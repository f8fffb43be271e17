#include "common/base/random.h"

#include <random>

namespace kv {
namespace {

class SystemRandom : public Random {
 public:
  uint64_t Next() override {
    std::random_device device;
    return (static_cast<uint64_t>(device()) << 32) | device();
  }
};

}  // namespace

Random* Random::System() {
  static SystemRandom random;
  return &random;
}

}  // namespace kv
