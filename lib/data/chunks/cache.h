#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <utility>

namespace lucid {

// Counts what has been read since the cache was made.
struct ReadCounts {
  std::uint64_t stored_bytes = 0;      // size in the files
  std::uint64_t decoded_bytes = 0;     // size of the decoded elements
  std::uint64_t hits = 0, misses = 0;  // chunks found in the cache or not
};

// Holds decoded chunks of any datasets within one budget and evicts the least recently used first.
// Chunks in use stay, so a budget too small for the chunks of all threads is exceeded. Safe to call
// from any thread.
class ChunkCache {
  struct Entry;

 public:
  struct Key {
    std::uint64_t array, chunk;
    auto operator<=>(const Key&) const = default;
  };

  // A chunk in use. The first user of a chunk fills it while others that want it wait; if the first
  // gives up, one of the others takes over.
  class Use {
   public:
    Use(ChunkCache& cache, Entry& entry) : cache_(cache), entry_(entry) {}
    ~Use() { cache_.give_back(entry_); }
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;

    bool is_filled() const;
    std::span<std::byte> bytes() const;
    void set_filled() { cache_.set_filled(entry_); }

   private:
    ChunkCache& cache_;
    Entry& entry_;
  };

  explicit ChunkCache(std::size_t budget_bytes) : budget_(budget_bytes) {}
  ChunkCache(const ChunkCache&) = delete;
  ChunkCache& operator=(const ChunkCache&) = delete;

  // Returns the key of a dataset; datasets of equal identity share their chunks.
  std::uint64_t array_number(const std::string& identity);
  Use use(const Key& key, std::size_t bytes);

  void count_read(std::size_t stored_bytes, std::size_t decoded_bytes);
  ReadCounts counts() const;
  std::size_t held_bytes() const;
  std::size_t budget_bytes() const { return budget_; }

 private:
  struct Entry {
    Key key;
    std::size_t bytes;
    std::unique_ptr<std::byte[]> memory;
    int uses = 1;
    bool is_filled = false;
  };
  using Entries = std::list<Entry>;

  void set_filled(Entry& entry);
  void give_back(Entry& entry);
  Entries::iterator erase(Entries::iterator entry);
  std::unique_ptr<std::byte[]> make_room(std::size_t bytes);

  const std::size_t budget_;
  mutable std::mutex mutex_;  // guards the members below
  std::condition_variable changed_;
  Entries entries_;  // the most recently used first
  std::map<Key, Entries::iterator> places_;
  std::map<std::string, std::uint64_t> numbers_;
  std::size_t held_ = 0;  // bytes of all entries
  ReadCounts counts_;
};

}  // namespace lucid
