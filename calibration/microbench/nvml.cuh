// Clocks, temperature and power by NVML, which comes with the driver: loaded when it is there, declared here because
// the CUDA Toolkit's runtime packages lack its header. Read only: no setting of the card is touched.
#pragma once

#include <optional>
#include <string>

namespace microbench {

struct Reading {
  unsigned sm_clock = 0, memory_clock = 0;  ///< MHz
  unsigned temperature = 0;                 ///< degrees Celsius
  double power = 0;                         ///< W
  unsigned long long throttle = 0;          ///< reasons, as NVML numbers them
  unsigned long long processes = 0;         ///< other programs that compute on the card
};

class Nvml {
 public:
  explicit Nvml(int device);  ///< as CUDA counts them
  ~Nvml();
  Nvml(const Nvml&) = delete;
  Nvml& operator=(const Nvml&) = delete;
  std::optional<Reading> read() const;  ///< nothing when there is no NVML

 private:
  void* library_ = nullptr;
  void* device_ = nullptr;
};

/// Why nothing that is measured now can be trusted: heat, a power brake, other programs. Empty when all is well; a card
/// that runs at its power limit does what it always does.
std::string trouble(const Reading&);

}  // namespace microbench
