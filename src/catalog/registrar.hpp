// Registers what a sink lands while it lands it, on a thread of its own: the sink never waits for the catalog. What
// comes while one registration is under way goes into the next one together. A registration that fails is tried again;
// what is not registered in the end, a crawl registers. Thread-safety: landed() from any thread; the rest from one.
// Failure: is told as a notice, once an outage.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "catalog/table_registration.hpp"
#include "core/stop_flag.hpp"
#include "core/time.hpp"

namespace stack::catalog {

class Registrar {
 public:
  struct Summary {
    std::uint64_t files = 0;     // registered
    std::uint64_t left = 0;      // not registered
    std::uint64_t failures = 0;  // attempts that failed
  };

  // Begins with what earlier sinks have landed and not registered. WARN is called by the registrar's thread.
  Registrar(lake::ObjectStore& store, Catalog& catalog, const std::string& database, const std::string& table,
            std::function<void(const std::string&)> warn, const Clock& clock,
            Projection projection = Projection::as_it_was);
  Registrar(const Registrar&) = delete;
  Registrar& operator=(const Registrar&) = delete;
  ~Registrar();

  void landed(lake::Landing landing);
  // Registers what is left, for as long as PATIENCE; nothing is registered any more afterwards.
  [[nodiscard]] Summary finish(Milliseconds patience);

 private:
  void work();
  void register_all();
  // Adds what has come to PENDING, waiting for it if there is nothing; false: nothing comes any more.
  [[nodiscard]] bool gather(std::vector<lake::LandedFile>& pending);
  void take_backlog();
  // Whether nothing of it is left to do.
  [[nodiscard]] bool attempt(std::vector<lake::LandedFile>& pending);
  void note_failure(const Error& error, std::size_t pending);
  // Waits for TIME, or until it is finished if UNLESS_FINISHING; false: all is given up.
  [[nodiscard]] bool wait_for(Milliseconds time, bool unless_finishing);

  TableRegistration registration_;
  std::function<void(const std::string&)> warn_;
  StopFlag give_up_;
  std::mutex mutex_;  // guards all below but the thread
  std::condition_variable changed_;
  std::vector<lake::LandedFile> queue_;
  bool finishing_ = false;
  bool ended_ = false;
  bool failing_ = false;
  Summary summary_;
  std::thread thread_;
};

}  // namespace stack::catalog
