#include "ranks/placement.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/json.h"
#include "base/machine/cores.h"

namespace lucid {
namespace {

struct RanksHost {
  std::string name;
  int ranks = 0, host_cores = 1;
  int cores = 0;                       // of all ranks together
  std::set<std::vector<int>> masks{};  // those counted
};

bool overlap(const std::vector<int>& a, const std::vector<int>& b) {
  return std::ranges::any_of(
      a, [&](int processor) { return std::ranges::binary_search(b, processor); });
}

// A rank has its processors by itself, or shares them with others of its host.
int own_threads(const RankPlace& place, const std::vector<RankPlace>& places) {
  if (place.threads > 0) return place.threads;
  const auto sharing = std::ranges::count_if(places, [&](const RankPlace& other) {
    return other.host == place.host && overlap(other.processors, place.processors);
  });
  return std::max(1, place.cores / std::max(1, static_cast<int>(sharing)));
}

std::vector<RanksHost> hosts_of(const std::vector<RankPlace>& places) {
  std::vector<RanksHost> hosts;
  for (const RankPlace& place : places) {
    auto host = std::ranges::find(hosts, place.host, &RanksHost::name);
    if (host == hosts.end()) host = hosts.insert(host, {.name = place.host});
    ++host->ranks;
    host->host_cores = std::max(host->host_cores, place.host_cores);
    if (host->masks.insert(place.processors).second) host->cores += place.cores;
    host->cores = std::min(host->cores, host->host_cores);
  }
  return hosts;
}

std::string counted(int count, const std::string& what) {
  return std::to_string(count) + ' ' + what + (count == 1 ? "" : "s");
}

// Returns what a launcher can be told to give each rank its part of a host.
std::string remedy(const RanksHost& host, const Launch& launch) {
  const std::string each = std::to_string(std::max(1, host.host_cores / host.ranks));
  if (launch.launcher == Launch::Launcher::kSlurm) return "srun --cpu-bind=cores -c " + each;
  if (launch.mpi == Launch::Mpi::kMpich) return "mpirun --bind-to none";
  return "mpirun --bind-to none, or --map-by slot:PE=" + each + ',';
}

// Returns what is to be said about a host, behind its name; nothing if all is well.
std::string warning_about(const RanksHost& host, int threads, const Launch& launch) {
  const std::string ranks = ": " + counted(host.ranks, "rank");
  if (2 * host.cores < host.host_cores)
    return ranks + " may use " + std::to_string(host.cores) + " of its " +
           counted(host.host_cores, "core") + "; " + remedy(host, launch) + " gives more";
  if (host.ranks * threads > host.cores)
    return ranks + " with " + counted(threads, "thread") + (host.ranks > 1 ? " each" : "") +
           " share " + counted(host.cores, "core") + "; fewer ranks or --threads are faster";
  return "";
}

// Hosts of which the same is to be said have one line.
std::vector<std::string> host_warnings(const std::vector<RanksHost>& hosts, int threads,
                                       const Launch& launch) {
  std::vector<std::string> texts;
  std::map<std::string, std::vector<std::string>> names;
  for (const RanksHost& host : hosts) {
    const std::string text = warning_about(host, threads, launch);
    if (text.empty()) continue;
    if (names[text].empty()) texts.push_back(text);
    names[text].push_back(host.name);
  }
  for (std::string& text : texts) {
    const std::vector<std::string>& of = names[text];
    const auto others = static_cast<int>(of.size()) - 1;
    text = of.front() + (others > 0 ? " and " + counted(others, "other host") : "") + text;
  }
  return texts;
}

std::string text_of(const RankPlace& place) {
  return json_text(Json{{"host", place.host},
                        {"processors", place.processors},
                        {"cores", place.cores},
                        {"host_cores", place.host_cores},
                        {"threads", place.threads}});
}

RankPlace place_in(const Json& json) {
  return {json["host"].get<std::string>(), json["processors"].get<std::vector<int>>(),
          json["cores"].get<int>(), json["host_cores"].get<int>(), json["threads"].get<int>()};
}

}  // namespace

RankPlace own_place(int threads) {
  char host[256] = {};
  gethostname(host, sizeof host - 1);
  RankPlace place{.host = host, .processors = allowed_processors(), .threads = threads};
  place.cores = usable_cores(place.processors, "/");
  place.host_cores = usable_cores(host_processors(), "/");
  if (const char* given = std::getenv("SLURM_CPUS_ON_NODE"); given != nullptr)
    place.host_cores = std::min(place.host_cores, std::max(1, std::atoi(given)));
  return place;
}

RankPlacement placement_of(const std::vector<RankPlace>& places, const Launch& launch) {
  std::vector<int> threads;
  for (const RankPlace& place : places) threads.push_back(own_threads(place, places));
  const auto [least, most] = std::ranges::minmax_element(threads);
  RankPlacement placement{*least, host_warnings(hosts_of(places), *least, launch)};
  if (*least < *most) {
    const auto named = [&](std::vector<int>::const_iterator at) {
      const auto rank = at - threads.begin();
      return "rank " + std::to_string(rank) + " (" + places[static_cast<std::size_t>(rank)].host +
             ")";
    };
    placement.warnings.push_back(named(most) + " could start " + counted(*most, "thread") + ", " +
                                 named(least) + " only " + std::to_string(*least) +
                                 "; all ranks start as many as that one");
  }
  return placement;
}

RankPlacement agreed_placement(Ranks& ranks, int threads, const Launch& launch) {
  const std::string own = text_of(own_place(threads));
  std::vector<RankPlace> places;
  for (const std::vector<std::byte>& bytes : ranks.gathered_bytes(std::as_bytes(std::span(own))))
    places.push_back(place_in(
        Json::parse(std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()))));
  return placement_of(places, launch);
}

}  // namespace lucid
