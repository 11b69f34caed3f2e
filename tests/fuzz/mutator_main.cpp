// Drives a fuzz target where there is no libFuzzer: mutates seeds a given number of times, without
// feedback, but the same on every machine.
//
//   fuzz_x ITERATIONS [SEED]   fails if one input takes over a second or memory goes over 1 GB
//   fuzz_x --only I [SEED]     iteration I alone, to look at what a longer run found
//   fuzz_x FILE…               inputs from files
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>

#include "fuzz/fuzz.h"

namespace qrt::fuzz {
namespace {

constexpr double kMostSeconds = 1.0;    // of processor time: the machine may be busy
constexpr long kMostMemory = 1L << 20;  // KiB

char report[200];  // what a signal handler prints

void prepareReport(long iteration, unsigned seed) {
  std::snprintf(report, sizeof report, "\niteration %ld of seed %u: rerun with --only %ld %u\n",
                iteration, seed, iteration, seed);
}

void onSignal(int signal) {
  static_cast<void>(!::write(2, report, std::strlen(report)));
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

double processorSeconds() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

void runOne(const Bytes& bytes) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
}

Bytes makeInput(long iteration, unsigned seed) {
  std::seed_seq sequence{static_cast<unsigned>(iteration), seed};
  Random random(sequence);
  Bytes bytes = seeds()[pick(random, seeds().size())];
  const size_t kind = pick(random, 4);
  if (kind > 0) mutateStructure(bytes, random);
  if (kind < 2) mutateBytes(bytes, random);
  return bytes;
}

// False if it took too much time or memory.
bool runIteration(long iteration, unsigned seed) {
  prepareReport(iteration, seed);
  const Bytes bytes = makeInput(iteration, seed);
  ::alarm(60);
  const double start = processorSeconds();
  runOne(bytes);
  const double seconds = processorSeconds() - start;
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  if (seconds <= kMostSeconds && usage.ru_maxrss <= kMostMemory) return true;
  std::fprintf(stderr, "%zu bytes took %.2f s, memory is at %ld MB%s", bytes.size(), seconds,
               usage.ru_maxrss / 1024, report);
  return false;
}

int runFiles(char** names, int count) {
  for (int i = 0; i < count; ++i) {
    std::ifstream in(names[i], std::ios::binary);
    if (!in) {
      std::fprintf(stderr, "cannot read %s\n", names[i]);
      return 2;
    }
    const std::string text((std::istreambuf_iterator<char>(in)), {});
    const auto* first = reinterpret_cast<const std::byte*>(text.data());
    runOne(Bytes(first, first + text.size()));
  }
  return 0;
}

int run(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: %s ITERATIONS [SEED] | --only I [SEED] | FILE...\n", argv[0]);
    return 2;
  }
  const bool only = std::strcmp(argv[1], "--only") == 0 && argc > 2;
  char* end = nullptr;
  const long number = std::strtol(argv[only ? 2 : 1], &end, 10);
  if (*end != '\0') return runFiles(argv + 1, argc - 1);
  const int seedAt = only ? 3 : 2;
  const unsigned seed =
      argc > seedAt ? static_cast<unsigned>(std::strtoul(argv[seedAt], nullptr, 10)) : 1;
  if (seeds().empty()) {
    std::fprintf(stderr, "no seeds\n");
    return 2;
  }
  for (const int signal : {SIGSEGV, SIGABRT, SIGFPE, SIGBUS, SIGILL, SIGALRM}) {
    std::signal(signal, onSignal);
  }
  if (only) return runIteration(number, seed) ? 0 : 1;
  for (const Bytes& input : seeds()) runOne(input);
  const Counts ofSeeds = std::exchange(counts, {});
  for (long i = 0; i < number; ++i) {
    if (!runIteration(i, seed)) return 1;
  }
  std::printf("%zu seeds: %ld loaded, %ld sessions ran\n", seeds().size(), ofSeeds.loaded,
              ofSeeds.ran);
  std::printf("%ld inputs: %ld loaded, %ld sessions ran\n", number, counts.loaded, counts.ran);
  return ofSeeds.ran > 0 ? 0 : 1;
}

}  // namespace
}  // namespace qrt::fuzz

int main(int argc, char** argv) { return qrt::fuzz::run(argc, argv); }
