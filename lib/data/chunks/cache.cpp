#include "data/chunks/cache.h"

#include <cassert>
#include <iterator>

namespace lucid {

bool ChunkCache::Use::is_filled() const { return entry_.is_filled; }

std::span<std::byte> ChunkCache::Use::bytes() const { return {entry_.memory.get(), entry_.bytes}; }

std::uint64_t ChunkCache::array_number(const std::string& identity) {
  const std::scoped_lock lock(mutex_);
  return numbers_.emplace(identity, numbers_.size()).first->second;
}

ChunkCache::Use ChunkCache::use(const Key& key, std::size_t bytes) {
  std::unique_lock lock(mutex_);
  auto place = places_.find(key);
  while (place != places_.end() && !place->second->is_filled) {
    changed_.wait(lock);
    place = places_.find(key);
  }
  if (place != places_.end()) {
    ++counts_.hits;
    ++place->second->uses;
    entries_.splice(entries_.begin(), entries_, place->second);
    assert(place->second->bytes == bytes);
    return {*this, *place->second};
  }
  ++counts_.misses;
  std::unique_ptr<std::byte[]> memory = make_room(bytes);
  if (!memory) memory = std::make_unique_for_overwrite<std::byte[]>(bytes);
  entries_.push_front({.key = key, .bytes = bytes, .memory = std::move(memory)});
  places_.emplace(key, entries_.begin());
  held_ += bytes;
  return {*this, entries_.front()};
}

// Evicts chunks until `bytes` more fit. Returns the memory of an evicted chunk of that size if
// there was one, as fresh memory costs the kernel about a tenth of decoding into it.
std::unique_ptr<std::byte[]> ChunkCache::make_room(std::size_t bytes) {
  std::unique_ptr<std::byte[]> memory;
  for (auto entry = entries_.end(); entry != entries_.begin() && held_ + bytes > budget_;) {
    --entry;
    if (entry->uses > 0) continue;
    if (entry->bytes == bytes) memory = std::move(entry->memory);
    entry = erase(entry);
  }
  return memory;
}

ChunkCache::Entries::iterator ChunkCache::erase(Entries::iterator entry) {
  held_ -= entry->bytes;
  places_.erase(entry->key);
  return entries_.erase(entry);
}

void ChunkCache::set_filled(Entry& entry) {
  const std::scoped_lock lock(mutex_);
  entry.is_filled = true;
  changed_.notify_all();
}

void ChunkCache::give_back(Entry& entry) {
  const std::scoped_lock lock(mutex_);
  --entry.uses;
  if (!entry.is_filled) {
    erase(places_.at(entry.key));
    changed_.notify_all();
  }
  make_room(0);
}

void ChunkCache::count_read(std::size_t stored_bytes, std::size_t decoded_bytes) {
  const std::scoped_lock lock(mutex_);
  counts_.stored_bytes += stored_bytes;
  counts_.decoded_bytes += decoded_bytes;
}

ReadCounts ChunkCache::counts() const {
  const std::scoped_lock lock(mutex_);
  return counts_;
}

std::size_t ChunkCache::held_bytes() const {
  const std::scoped_lock lock(mutex_);
  return held_;
}

}  // namespace lucid
