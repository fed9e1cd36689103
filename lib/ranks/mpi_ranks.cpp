#include "ranks/mpi_ranks.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <span>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/machine/module.h"
#include "ranks/last_words.h"
#include "ranks/mpi_module.h"

namespace lucid {
namespace {

// How long the other ranks may take to fail by themselves or to notice.
constexpr double kGraceSeconds = 5;
// MPICH's mpirun loses what it has not read of a process that ends the job.
constexpr double kToldSeconds = 0.3;

std::string name_of(Launch::Mpi mpi) { return mpi == Launch::Mpi::kOpenMpi ? "openmpi" : "mpich"; }

std::filesystem::path file_of(Launch::Mpi mpi) {
  const std::string file = "lucid-" + name_of(mpi) + ".so";
  if (const char* folder = std::getenv("LUCID_MPI_MODULES"); folder != nullptr)
    return std::filesystem::path(folder) / file;
  return module_file(file);
}

[[noreturn]] void refuse(const Launch& launch, const std::string& why, const std::string& remedy) {
  throw Error(ExitCode::kFailed, program_of(launch.launcher) + " has started " +
                                     std::to_string(launch.size) +
                                     " processes, but lucid's module for " +
                                     (launch.mpi == Launch::Mpi::kOpenMpi ? "Open MPI" : "MPICH") +
                                     ' ' + why + "; " + remedy);
}

const MpiModule& start_module(const Launch& launch) {
  const std::filesystem::path file = file_of(launch.mpi);
  const std::string build =
      "install lib" + name_of(launch.mpi) + "-dev and build lucid again with -DLUCID_MPI=ON";
  const OpenedModule opened = open_module(file, kMpiEntry, true);  // as Open MPI needs
  if (opened.entry == nullptr) refuse(launch, opened.problem, build);
  const MpiModule* const module = reinterpret_cast<StartMpi>(opened.entry)();
  if (module == nullptr) refuse(launch, "cannot be started: " + file.string(), build);
  if (module->size != launch.size)
    refuse(launch, "finds " + std::to_string(module->size) + " of them",
           "the launcher may be that of another MPI: LUCID_MPI=openmpi or mpich chooses");
  return *module;
}

class MpiRanks : public Ranks {
 public:
  explicit MpiRanks(const MpiModule& module) : module_(module) {}
  int rank() const override { return module_.rank; }
  int size() const override { return module_.size; }
  void abandon() override { is_abandoned_ = true; }
  bool has_lost_peer() const override { return has_lost_peer_; }

  void transfer(Channel channel, std::span<const Outgoing> outgoing,
                std::span<const Incoming> incoming) override {
    std::vector<MpiMessage> out, in;
    // MPI does not write what it sends.
    for (const Outgoing& message : outgoing)
      out.push_back(
          {message.to, const_cast<std::byte*>(message.bytes.data()), message.bytes.size()});
    for (const Incoming& message : incoming)
      in.push_back({message.from, message.bytes.data(), message.bytes.size()});
    const MpiResult result =
        module_.transfer({static_cast<int>(channel), out, in, &is_abandoned_, 0, false});
    if (result == MpiResult::kDone) return;
    if (result == MpiResult::kPeerFailed) has_lost_peer_ = true;
    throw Error(ExitCode::kFailed, "another rank of the run has failed");
  }

 private:
  const MpiModule& module_;
  std::atomic<bool> is_abandoned_ = false, has_lost_peer_ = false;
};

// Returns the last words of all ranks; nothing if this one has failed and others go on for long.
std::optional<std::vector<LastWords>> gathered(const MpiModule& module, LastWords own) {
  const std::atomic<bool> is_abandoned = false;
  std::vector<LastWords> all(static_cast<std::size_t>(module.size));
  std::vector<MpiMessage> out, in;
  for (int rank = 0; rank < module.size; ++rank) {
    if (rank == module.rank) continue;
    out.push_back({rank, &own, sizeof own});
    in.push_back({rank, &all[static_cast<std::size_t>(rank)], sizeof own});
  }
  const bool fails = own.is_error && !own.is_about_peer;
  const MpiResult result =
      module.transfer({kMpiEnds, out, in, &is_abandoned, fails ? kGraceSeconds : 0, fails});
  if (result != MpiResult::kDone) return std::nullopt;
  all[static_cast<std::size_t>(module.rank)] = own;
  return all;
}

// Whether all ranks have ended well, or all by the same error; then no transfer was ended.
bool have_ended_alike(const std::vector<LastWords>& all) {
  return std::ranges::all_of(all, [&](const LastWords& words) {
    return words.is_error == all.front().is_error && !words.is_about_peer &&
           std::strcmp(words.message, all.front().message) == 0;
  });
}

[[noreturn]] void abort_all(const MpiModule& module, int code) {
  module.abort_all(code);
  std::_Exit(code);
}

// Messages of a transfer that was ended may be on their way: such a job can only be ended as a
// whole, which the first rank does when it has told the error.
[[noreturn]] void end_all(const MpiModule& module, int code) {
  const double seconds = module.rank == 0 ? kToldSeconds : kGraceSeconds;
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  abort_all(module, code);
}

// Tells the error of this rank alone, while others compute.
[[noreturn]] void end_others(const MpiModule& module, const LastWords& own,
                             const std::function<void(const std::string&)>& say) {
  std::vector<LastWords> known(static_cast<std::size_t>(module.size));
  known[static_cast<std::size_t>(module.rank)] = own;
  say(first_error(known, false)->what());
  std::this_thread::sleep_for(std::chrono::duration<double>(kToldSeconds));
  abort_all(module, own.code);
}

}  // namespace

int run_mpi_ranks(const Launch& launch, const std::function<int(Ranks&)>& work,
                  const std::function<void(const std::string&)>& say) {
  const MpiModule& module = start_module(launch);
  MpiRanks ranks(module);
  LastWords own = words_of(ranks, work);
  gethostname(own.host, sizeof own.host - 1);
  const auto all = gathered(module, own);
  if (!all) end_others(module, own, say);
  auto error = first_error(*all, false);
  if (!error) error = first_error(*all, true);
  if (error && module.rank == 0) say(error->what());
  const int code = error ? static_cast<int>(error->code()) : all->front().code;
  if (!have_ended_alike(*all)) end_all(module, code);
  module.finish();
  return code;
}

}  // namespace lucid
